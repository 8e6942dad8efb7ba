// What every page needs: questions before deeds, copying, menus that fold, times in the reader's own zone.

class AskFirst extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", event => this.#ask(event))
  }

  #ask(event) {
    if (this.isSure) return
    event.preventDefault()
    event.stopPropagation()
    const dialog = document.createElement("dialog")
    dialog.setAttribute("aria-label", this.dataset.question)
    const text = document.createElement("p")
    text.textContent = this.dataset.question
    const [no, yes] = ["Cancel", this.dataset.do].map(label => Object.assign(document.createElement("button"), { type: "button", textContent: label }))
    yes.className = "danger"
    const row = document.createElement("div")
    row.className = "form-end"
    row.append(no, yes)
    const stack = document.createElement("div")
    stack.className = "stack"
    stack.append(text, row)
    dialog.append(stack)
    document.body.append(dialog)
    dialog.addEventListener("close", () => dialog.remove())
    no.addEventListener("click", () => dialog.close())
    yes.addEventListener("click", () => {
      dialog.close()
      this.isSure = true
      event.target.requestSubmit(event.submitter)
    })
    dialog.showModal()
    no.focus()
  }
}

class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button")
    button.hidden = false
    button.addEventListener("click", async () => {
      const label = button.textContent
      await navigator.clipboard.writeText(this.dataset.text ?? this.querySelector("input").value).catch(() => this.querySelector("input")?.select())
      button.textContent = "Copied"
      setTimeout(() => (button.textContent = label), 1500)
    })
  }
}

document.documentElement.classList.add("scripted")
customElements.define("ask-first", AskFirst)
customElements.define("copy-text", CopyText)

// An open menu closes with Escape and with a click beside it.
addEventListener("keydown", event => {
  const open = event.key === "Escape" && document.querySelector("details.folding[open], details.menu[open]")
  if (open) {
    open.open = false
    open.querySelector("summary").focus()
  }
})
addEventListener("click", event => {
  for (const open of document.querySelectorAll("details.folding[open], details.menu[open]")) {
    if (!open.contains(event.target)) open.open = false
  }
})

// A select with data-submit sends its form when it changes: filters, roles.
addEventListener("change", event => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit()
})

// A form is sent once.
addEventListener("submit", event => {
  if (event.defaultPrevented || event.target.method !== "post") return
  if (event.target.dataset.isSent) return event.preventDefault()
  event.target.dataset.isSent = "true"
  setTimeout(() => delete event.target.dataset.isSent, 3000)
})

const own = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) time.title = own.format(new Date(time.dateTime))
}

// Cells know the name of their column, for screens on which a row is a small card.
function nameCells(root) {
  for (const table of root.querySelectorAll("table.folds")) {
    const names = [...table.querySelectorAll("thead th")].map(th => (th.querySelector(".hush") ? "" : th.textContent.trim()))
    for (const row of table.tBodies[0].rows) {
      for (const [n, cell] of [...row.cells].entries()) if (names[n]) cell.dataset.label = names[n]
    }
  }
}

// One tick for all rows; and ticks stay when a live list is drawn anew.
function tickAll(root) {
  for (const head of root.querySelectorAll("th.pick")) {
    if (head.querySelector("input")) continue
    const all = Object.assign(document.createElement("input"), { type: "checkbox" })
    all.setAttribute("aria-label", "Choose all")
    all.addEventListener("change", () => { for (const one of picks(head.closest("table"))) one.checked = all.checked })
    head.replaceChildren(all)
  }
}
const picks = root => root.querySelectorAll("td.pick input")
const ticked = new Set()
addEventListener("htmx:beforeSwap", event => {
  ticked.clear()
  for (const one of picks(event.target)) if (one.checked) ticked.add(one.value)
})
function tickAgain(root) {
  for (const one of picks(root)) if (ticked.has(one.value)) one.checked = true
}

for (const decorate of [localTimes, nameCells, tickAll, tickAgain]) {
  decorate(document)
  addEventListener("htmx:afterSettle", () => decorate(document))
}
