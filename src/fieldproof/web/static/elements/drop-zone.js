// <drop-zone>: files dropped anywhere on the page go into the form's file input, which is then sent, and how far
// that is, is said. Without this script the input does the same by hand.
class DropZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.input = this.querySelector("input[type=file]")
    this.names = this.querySelector("[data-names]")
    this.querySelector("[data-hint]").textContent = "Drop documents here, or choose them"
    this.input.addEventListener("change", () => this.#tell())
    this.form.addEventListener("htmx:xhr:progress", event => this.#sending(event.detail))
    this.form.addEventListener("htmx:afterRequest", () => (this.querySelector("[data-sending]").hidden = true))
    this.listeners = { dragover: event => this.#over(event), dragleave: event => this.#leave(event), drop: event => this.#drop(event) }
    for (const [name, listener] of Object.entries(this.listeners)) document.addEventListener(name, listener)
  }

  disconnectedCallback() {
    for (const [name, listener] of Object.entries(this.listeners)) document.removeEventListener(name, listener)
  }

  #over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return
    event.preventDefault()
    this.classList.add("over")
  }

  #leave(event) {
    if (event.relatedTarget === null) this.classList.remove("over")
  }

  #drop(event) {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    this.classList.remove("over")
    this.input.files = event.dataTransfer.files
    this.#tell()
    this.form.requestSubmit()
  }

  #tell() {
    const files = [...this.input.files]
    const shown = files.slice(0, 6).map(file => file.name)
    if (files.length > shown.length) shown.push(`and ${files.length - shown.length} more`)
    this.names.replaceChildren(...shown.map(name => Object.assign(document.createElement("li"), { textContent: name })))
    this.names.hidden = files.length === 0
  }

  #sending({ loaded, total }) {
    const percent = total ? Math.min(100, Math.round((100 * loaded) / total)) : 0
    const count = this.input.files.length
    this.querySelector("[data-sending]").hidden = false
    this.querySelector("progress").value = percent
    this.querySelector("[data-sent]").textContent = percent < 100 ? `Sending ${count === 1 ? "1 file" : `${count} files`}: ${percent} %` : "Sent. Taking them in …"
  }
}

customElements.define("drop-zone", DropZone)
