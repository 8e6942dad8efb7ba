// <page-viewer>: pages with the boxes of the values beside them. Boxes are read from [data-boxes]:
// "document page left top right bottom;…", fractions of the page, origin top left.
// Speaks by events: "pick" when a box is clicked, "draw" when one is drawn with [data-draws] on.
const SVG = "http://www.w3.org/2000/svg"
const LEVELS = ["good", "warn", "bad", "missing"]
const TOO_SMALL = 0.004

class PageViewer extends HTMLElement {
  connectedCallback() {
    this.active = null
    this.zoom = 1
    this.figures = [...this.querySelectorAll("figure")]
    this.bar = this.querySelector("[data-bar]")
    if (this.bar) this.bar.hidden = this.figures.length === 0
    this.addEventListener("pointerdown", event => this.#press(event))
    this.addEventListener("click", event => this.#command(event.target.closest("button")))
    this.addEventListener("scroll", () => this.#tellWhere(), { passive: true })
    this.addEventListener("error", event => this.#retry(event.target), true)
    this.#preparePencil()
    for (const image of this.querySelectorAll("img")) if (image.complete && image.naturalWidth === 0 && image.loading === "eager") this.#retry(image)
    this.render()
    this.#showFirst()
    this.#tellWhere()
  }

  render() {
    for (const svg of this.querySelectorAll("svg.boxes")) svg.replaceChildren()
    for (const value of document.querySelectorAll("[data-boxes]")) {
      for (const [figure, box] of this.#places(value)) {
        const rect = this.#layer(figure).appendChild(shape(box))
        rect.dataset.for = value.dataset.path ?? ""
        rect.setAttribute("class", [...value.classList].find(name => LEVELS.includes(name)) ?? value.dataset.level ?? "good")
      }
    }
    this.light(this.active)
  }

  // Marks of a search: the first on the page that the address names, else the first of all.
  #showFirst() {
    const marks = document.querySelector("[data-path=search]")
    if (!marks) return
    const places = this.#places(marks)
    const place = places.find(([figure]) => `#${figure.id}` === location.hash) ?? places[0]
    if (place) this.#bring(...place)
  }

  // A finger scrolls; with the pencil taken up it draws one box instead.
  #preparePencil() {
    this.pencil = this.querySelector("[data-pencil]")
    if (!this.pencil || !matchMedia("(any-pointer: coarse)").matches) return
    this.pencil.hidden = false
    this.pencil.addEventListener("click", () => this.#takePencil(!this.classList.contains("pencil")))
    this.addEventListener("touchmove", event => { if (this.classList.contains("pencil") && event.target.closest("figure")) event.preventDefault() }, { passive: false })
  }

  #takePencil(isTaken) {
    this.classList.toggle("pencil", isTaken)
    this.pencil?.setAttribute("aria-pressed", isTaken)
  }

  // Lights up the boxes of a value and brings the first of them into view.
  show(value) {
    this.light(value?.dataset.path ?? null)
    const [place] = value ? this.#places(value) : []
    if (place) this.#bring(...place)
  }

  light(path) {
    this.active = path
    for (const rect of this.querySelectorAll("svg.boxes rect")) rect.classList.toggle("active", path !== null && rect.dataset.for === path)
  }

  step(by) {
    const figure = this.figures[Math.min(Math.max(this.#current() + by, 0), this.figures.length - 1)]
    if (figure) this.scrollTo({ top: figure.offsetTop - this.#head(), behavior: "instant" })
    this.#tellWhere()
  }

  #places(value) {
    return (value.dataset.boxes || "").split(";").filter(Boolean).flatMap(text => {
      const [document_, page, ...box] = text.split(" ").map(Number)
      const figure = document.getElementById(`p-${document_}-${page}`)
      return figure ? [[figure, box]] : []
    })
  }

  #layer(figure) {
    const known = figure.querySelector("svg")
    if (known) return known
    const svg = document.createElementNS(SVG, "svg")
    for (const [name, text] of Object.entries({ class: "boxes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(name, text)
    return figure.appendChild(svg)
  }

  #bring(figure, [, top, , bottom]) {
    const start = figure.offsetTop + top * figure.offsetHeight, end = figure.offsetTop + bottom * figure.offsetHeight
    const isSeen = start >= this.scrollTop + this.#head() && end <= this.scrollTop + this.clientHeight
    if (!isSeen) this.scrollTo({ top: start - this.clientHeight / 3, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" })
  }

  #head() {
    return this.bar ? this.bar.offsetHeight : 0
  }

  #current() {
    const middle = this.scrollTop + this.#head() + this.clientHeight / 3
    const found = this.figures.findLastIndex(figure => figure.offsetTop <= middle)
    return Math.max(0, found)
  }

  #tellWhere() {
    const where = this.querySelector("[data-where]")
    const text = `Page ${this.#current() + 1} of ${this.figures.length}`
    if (where && where.textContent !== text) where.textContent = text
  }

  #command(button) {
    if (button?.dataset.step) this.step(Number(button.dataset.step))
    if (!button?.dataset.zoom) return
    this.zoom = Math.min(3, Math.max(0.5, this.zoom * (button.dataset.zoom > 0 ? 1.25 : 0.8)))
    this.style.setProperty("--zoom", this.zoom)
  }

  // A link to a picture lives for minutes only, and a busy server asks to come again.
  #retry(image) {
    const tries = Number(image.dataset?.tries ?? 0)
    if (image.tagName !== "IMG" || tries >= 3) return
    image.dataset.tries = tries + 1
    setTimeout(() => (image.src = `${image.src.split("#")[0].split("?")[0]}?again=${tries + 1}`), 1000 * (tries + 1))
  }

  // A click on a box picks its value; a drag draws a box for the value that is active.
  #press(down) {
    const figure = down.target.closest("figure")
    if (!figure || down.button !== 0 || (down.pointerType === "touch" && !this.classList.contains("pencil"))) return this.#pick(down)
    const picked = down.target.dataset.for
    const canDraw = this.hasAttribute("data-draws")
    const from = point(figure, down)
    let box = null, rect = null
    if (canDraw) words(figure)
    const move = event => {
      const to = point(figure, event)
      box = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])]
      if (!canDraw || tiny(box)) return
      rect ??= this.#layer(figure).appendChild(shape(box))
      rect.setAttribute("class", "drawing")
      place(rect, box)
      this.#preview(figure, box)
    }
    const up = () => {
      removeEventListener("pointermove", move)
      rect?.remove()
      for (const old of figure.querySelectorAll("rect.word")) old.remove()
      removeEventListener("pointercancel", stop)
      if (!canDraw || !box || tiny(box)) return picked && this.#tell("pick", { path: picked })
      this.#takePencil(false)
      this.#tell("draw", { document: figure.dataset.document, page: figure.dataset.page, box: box.map(n => n.toFixed(5)).join(",") })
    }
    const stop = () => {
      box = null
      removeEventListener("pointerup", up)
      up()
    }
    addEventListener("pointermove", move)
    addEventListener("pointerup", up, { once: true })
    addEventListener("pointercancel", stop, { once: true })
    down.preventDefault()
  }

  #pick(down) {
    if (down.target.dataset?.for) this.#tell("pick", { path: down.target.dataset.for })
  }

  async #preview(figure, box) {
    const known = await words(figure)
    for (const old of figure.querySelectorAll("rect.word")) old.remove()
    if (!figure.querySelector("rect.drawing")) return
    for (const [, word] of known) {
      const [x, y] = [(word[0] + word[2]) / 2, (word[1] + word[3]) / 2]
      if (x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]) {
        const rect = this.#layer(figure).appendChild(shape(word))
        rect.setAttribute("class", "word")
      }
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }))
  }
}

const known = new WeakMap()
function words(figure) {
  const picture = figure.querySelector("img").src.split("?")[0]
  if (!known.has(figure)) known.set(figure, fetch(`${picture}/words`).then(answer => (answer.ok ? answer.json() : []), () => []))
  return known.get(figure)
}

function tiny([left, top, right, bottom]) {
  return right - left < TOO_SMALL || bottom - top < TOO_SMALL
}

function shape(box) {
  return place(document.createElementNS(SVG, "rect"), box)
}

function place(rect, [left, top, right, bottom]) {
  for (const [name, number] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) rect.setAttribute(name, number)
  return rect
}

function point(figure, { clientX, clientY }) {
  const { left, top, width, height } = figure.getBoundingClientRect()
  return [Math.min(1, Math.max(0, (clientX - left) / width)), Math.min(1, Math.max(0, (clientY - top) / height))]
}

customElements.define("page-viewer", PageViewer)
