// <review-sheet>: the values beside the pages. Focus lights boxes up, a change is saved at once, keys do everything.
// Tab stops at values, not in their inputs, so that single keys are free; E or a click goes in, Enter or Escape out.
class ReviewSheet extends HTMLElement {
  connectedCallback() {
    this.viewer = document.querySelector("page-viewer")
    this.proof = this.querySelector("[data-proof]")
    this.active = null
    this.isReadonly = this.hasAttribute("data-readonly")
    if (!this.isReadonly) this.viewer?.setAttribute("data-draws", "")
    for (const value of this.values) this.#prepare(value)
    this.querySelector("[data-keys]").hidden = false
    this.addEventListener("focusin", event => this.#enter(event.target.closest(".value")))
    this.addEventListener("change", event => this.#save(event.target))
    this.addEventListener("click", event => this.#click(event))
    this.addEventListener("submit", event => this.#submit(event))
    this.keys = event => this.#key(event)
    document.addEventListener("keydown", this.keys)
    this.viewer?.addEventListener("pick", event => this.#pick(event.detail.path))
    this.viewer?.addEventListener("draw", event => this.#draw(event.detail))
    customElements.whenDefined("page-viewer").then(() => this.#start())
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys)
  }

  get values() {
    return [...this.querySelectorAll(".value")]
  }

  // The value that a person should look at first.
  #start() {
    if (location.hash) return document.getElementById(decodeURIComponent(location.hash.slice(1)))?.focus()
    const order = ["bad", "warn", "missing", "good"]
    const open = this.values.filter(value => !value.classList.contains("seen"))
    const first = order.map(level => open.find(value => value.classList.contains(level))).find(Boolean)
    first?.focus({ preventScroll: !first.checkVisibility?.() })
  }

  #prepare(value) {
    value.tabIndex = 0
    for (const inner of value.querySelectorAll("input, select, textarea, a, button")) inner.tabIndex = -1
  }

  #enter(value) {
    if (!value || value === this.active) return
    this.active?.classList.remove("active")
    this.active = value
    value.classList.add("active")
    this.viewer?.show(value)
    if (!this.proof.hidden) this.#why(value)
  }

  #pick(path) {
    const value = document.getElementById(`v-${path}`)
    value?.scrollIntoView({ block: "nearest" })
    value?.focus()
  }

  #click(event) {
    const key = event.target.closest("[data-press]")
    if (key) return this.#press(key.dataset.press)
    const button = event.target.closest("[data-do]")
    const value = event.target.closest(".value")
    if (!button) return
    event.preventDefault()
    this.#do(value, button.dataset.do)
  }

  // Buttons of rows go as forms do; Enter in an input does not.
  #submit(event) {
    if (!event.submitter?.formAction.includes("/lists/")) event.preventDefault()
  }

  #do(value, what) {
    if (what === "why") return this.proof.hidden || this.proof.dataset.path !== value.dataset.path ? this.#why(value) : (this.proof.hidden = true)
    if (this.isReadonly) return
    return this.#send(value, `/${what}`, {})
  }

  #draw({ document: id, page, box }) {
    if (this.active) this.#send(this.active, "", { document: id, page, box })
  }

  #save(input) {
    const value = input.closest(".value")
    if (value && !this.isReadonly) return this.#send(value, "", { value: input.value })
  }

  async #send(value, action, fields) {
    const path = value.dataset.path
    value.setAttribute("aria-busy", "true")
    const address = `${this.dataset.here}/values/${encodeURIComponent(path)}${action}`
    const headers = { "X-CSRF-Token": this.dataset.csrf, "X-Fragment": "true" }
    const answer = await fetch(address, { method: "POST", headers, body: new URLSearchParams(fields) }).catch(() => null)
    const isOurs = answer && (answer.ok || answer.status === 422) && answer.headers.get("content-type")?.includes("html")
    if (!isOurs) return this.#trouble(value, answer)
    this.#replace(path, await answer.text(), answer)
  }

  #replace(path, html, answer) {
    const old = document.getElementById(`v-${path}`)
    const hadFocus = old.contains(document.activeElement), wasEditing = hadFocus && document.activeElement !== old
    const holder = document.createElement("template")
    holder.innerHTML = html
    const fresh = holder.content.querySelector(".value")
    old.replaceWith(fresh)
    this.#prepare(fresh)
    if (this.active === old) {
      this.active = fresh
      fresh.classList.add("active")
    }
    if (hadFocus) (wasEditing && answer.status === 422 ? fresh.querySelector("input, select, textarea") : fresh).focus()
    this.#tellProgress(answer.headers.get("x-seen"))
    this.#tellTitle(holder.content.querySelector("h1").textContent)
    this.viewer?.render()
    if (!this.proof.hidden && this.active === fresh) this.#why(fresh)
    this.dispatchEvent(new CustomEvent("saved", { bubbles: true, detail: { path } }))
  }

  #tellProgress(seen) {
    if (!seen) return
    this.querySelector("[data-progress]").textContent = `${seen} looked at`
    this.querySelector("[data-bar]").value = parseInt(seen)
  }

  // The result is named after values of its own.
  #tellTitle(title) {
    const heading = document.querySelector("h1")
    if (heading.textContent === title) return
    heading.textContent = title
    document.title = `${title} · Fieldproof`
  }

  #trouble(value, answer) {
    value.removeAttribute("aria-busy")
    value.querySelector(".problem")?.remove()
    const note = Object.assign(document.createElement("p"), { className: "problem", textContent: answer?.status === 401 ? "You are signed out. Reload the page." : "That was not saved. Check the connection and try again." })
    note.setAttribute("role", "alert")
    value.append(note)
  }

  async #why(value) {
    this.proof.dataset.path = value.dataset.path
    const answer = await fetch(`${this.dataset.here}/values/${encodeURIComponent(value.dataset.path)}/why`, { headers: { "X-Fragment": "true" } })
    if (!answer.ok || this.proof.dataset.path !== value.dataset.path) return
    this.proof.innerHTML = await answer.text()
    this.proof.hidden = false
  }

  #next(value) {
    const all = this.values
    const rest = all.slice(all.indexOf(value) + 1)
    const target = rest.find(one => !one.classList.contains("seen")) ?? document.getElementById("approve") ?? rest[0]
    target?.focus()
    target?.scrollIntoView({ block: "nearest" })
  }

  #edit(value) {
    const input = value.querySelector("input, select, textarea")
    input?.focus()
    input?.select?.()
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return
    const value = event.target.closest?.(".value")
    const isTyping = event.target.matches?.("input, select, textarea")
    if (isTyping && value) return this.#keyInside(event, value)
    if (isTyping) return
    if (value && event.target === value && this.#keyOn(event, value)) return event.preventDefault()
    if (this.#keyAnywhere(event)) event.preventDefault()
  }

  #keyInside(event, value) {
    const input = event.target
    if (event.key === "Escape") {
      if (input.tagName !== "SELECT") input.value = input.defaultValue
      value.focus()
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault()
      const isChanged = input.tagName !== "SELECT" && input.value !== input.defaultValue
      value.focus()
      if (!isChanged) this.#accept(value)
      else this.addEventListener("saved", () => this.#after(value.dataset.path), { once: true })
    }
  }

  // After a correction by keyboard: on to the next, unless it was refused.
  #after(path) {
    const value = document.getElementById(`v-${path}`)
    if (value && !value.querySelector(".problem")) this.#next(value)
    else if (value) this.#edit(value)
  }

  #accept(value) {
    if (!this.isReadonly && !value.classList.contains("seen")) this.#do(value, "accept")
    this.#next(value)
  }

  // The legend of the keys works as buttons, for mouse and finger.
  #press(key) {
    const value = this.active ?? this.values[0]
    if (key === "Tab") return this.#move(value, 1)
    if (!this.#keyAnywhere({ key }) && value) {
      if (key !== "e") value.focus()
      this.#keyOn({ key }, value)
    }
  }

  #keyOn(event, value) {
    switch (event.key) {
      case "Enter": this.#accept(value); return true
      case "e": case "F2": case " ": this.#edit(value); return true
      case "u": this.#do(value, "undo"); return true
      case "w": this.#do(value, "why"); return true
      case "ArrowDown": case "j": this.#move(value, 1); return true
      case "ArrowUp": case "k": this.#move(value, -1); return true
    }
    return false
  }

  #move(value, by) {
    const all = this.values
    all[all.indexOf(value) + by]?.focus()
  }

  #keyAnywhere(event) {
    switch (event.key) {
      case "[": this.viewer?.step(-1); return true
      case "]": this.viewer?.step(1); return true
      case "a": document.getElementById("approve")?.click(); return true
      case "r": this.#reject(); return true
      case "n": document.querySelector("[data-key=n]")?.click(); return true
    }
    return false
  }

  #reject() {
    const menu = document.getElementById("reject")
    if (!menu) return
    menu.open = true
    menu.querySelector("textarea").focus()
  }
}

customElements.define("review-sheet", ReviewSheet)
