// <drop-zone>: files dropped anywhere on the page go into the form's file input, which is then sent.
// Without this script the input does the same by hand.
class DropZone extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.input = this.querySelector("input[type=file]")
    this.names = this.querySelector("[data-names]")
    this.input.addEventListener("change", () => this.#tell())
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
    this.names.textContent = files.length === 0 ? "" : files.length < 4 ? files.map(file => file.name).join(", ") : `${files.length} files`
  }
}

customElements.define("drop-zone", DropZone)
