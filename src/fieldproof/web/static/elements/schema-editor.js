// <schema-editor>: groups and fields as a tree, beside their JSON. The textarea holds the one schema:
// a change in the tree is written to it, and what is typed there is drawn as the tree.

const TYPES = {
  string: "Text", number: "Number", integer: "Whole number", currency: "Money", date: "Date", datetime: "Date and time",
  boolean: "Yes or no", enum: "Choice", object: "Nested fields", texts: "List of texts", rows: "List of rows",
}
const GLYPHS = { up: "m5 12 5-5 5 5", down: "m5 8 5 5 5-5", trash: "M3.5 5.5h13M8 5.5v-2h4v2M5 5.5l.75 11h8.500l.75-11", plus: "M10 4v12M4 10h12" }

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

function glyph(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  for (const [key, value] of Object.entries({ viewBox: "0 0 20 20", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" })) svg.setAttribute(key, value)
  const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "path"))
  path.setAttribute("d", GLYPHS[name])
  return svg
}

// Types as people choose them, and as the schema has them.
function typeOf(field) {
  if (typeof field === "string") return typeOf({ type: field })
  const type = [field.type].flat().find(t => t !== "null") ?? (field.properties ? "object" : field.items ? "array" : "string")
  if (type === "array") return typeof field.items === "object" && (field.items.properties || field.items.type === "object") ? "rows" : "texts"
  if (field.enum) return "enum"
  if (type === "string" && field.format === "date") return "date"
  if (type === "string" && field.format === "date-time") return "datetime"
  return type in TYPES ? type : null
}

function setType(field, type) {
  for (const key of ["format", "enum", "items", "properties"]) delete field[key]
  const fresh = { value: { type: "string", title: "Value" } }
  if (type === "rows") Object.assign(field, { type: "array", items: { type: "object", properties: fresh } })
  else if (type === "texts") Object.assign(field, { type: "array", items: { type: "string" } })
  else if (type === "object") Object.assign(field, { type: "object", properties: fresh })
  else if (type === "enum") Object.assign(field, { type: "string", enum: ["first", "second"] })
  else field.type = type
}

function freshName(names, base) {
  let name = base
  for (let n = 2; name in names; n++) name = `${base}_${n}`
  return name
}

function reordered(object, from, to) {
  const entries = Object.entries(object)
  entries.splice(to, 0, ...entries.splice(from, 1))
  for (const key of Object.keys(object)) delete object[key]
  Object.assign(object, Object.fromEntries(entries))
}

function renamed(object, before, after) {
  const entries = Object.entries(object).map(([key, value]) => [key === before ? after : key, value])
  for (const key of Object.keys(object)) delete object[key]
  Object.assign(object, Object.fromEntries(entries))
}

class SchemaEditor extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea")
    this.tree = this.querySelector("[data-tree]")
    this.gutter = this.querySelector("[data-gutter]")
    this.isFixed = this.closest("fieldset")?.disabled ?? false
    const add = this.querySelector("[data-add-group]")
    add.hidden = this.isFixed
    add.addEventListener("click", () => this.#change(() => {
      const groups = (this.schema.groups ??= {})
      groups[freshName(groups, "group")] = { title: "Group", fields: { field: { type: "string", title: "Field" } } }
    }))
    this.text.addEventListener("input", event => { if (event.isTrusted || !this.isWriting) this.#read() })
    this.text.addEventListener("scroll", () => (this.gutter.scrollTop = this.text.scrollTop))
    this.text.addEventListener("keydown", event => this.#indent(event))
    this.addEventListener("click", event => {
      const line = event.target.closest("[data-line]")
      if (line) this.#show(Number(line.dataset.line), line.dataset.path)
    })
    document.addEventListener("htmx:afterSwap", () => this.#mark())
    this.#read()
  }

  #read() {
    this.#number()
    try {
      const schema = JSON.parse(this.text.value)
      if (typeof schema !== "object" || !schema || typeof schema.groups !== "object") throw new Error()
      this.schema = schema
      this.tree.inert = this.isFixed
      this.tree.classList.remove("stale")
      this.#draw()
    } catch {
      this.tree.inert = true
      this.tree.classList.add("stale")
    }
  }

  #write() {
    this.text.value = JSON.stringify(this.schema, null, 2)
    this.#number()
    this.isWriting = true
    this.text.dispatchEvent(new Event("input", { bubbles: true }))
    this.isWriting = false
  }

  // What changes the shape is drawn again; the keyboard stays where it was, as far as that is still there.
  #change(deed, focus) {
    deed()
    this.#write()
    this.#draw()
    if (focus) this.tree.querySelector(`[data-at="${CSS.escape(focus)}"]`)?.focus()
  }

  #number() {
    const count = this.text.value.split("\n").length
    this.gutter.textContent = Array.from({ length: count }, (_, n) => n + 1).join("\n")
  }

  #indent(event) {
    if (event.key !== "Tab" || event.shiftKey || !event.ctrlKey) return
    event.preventDefault()
    this.text.setRangeText("  ", this.text.selectionStart, this.text.selectionEnd, "end")
    this.text.dispatchEvent(new Event("input", { bubbles: true }))
  }

  #show(line, path) {
    const lines = this.text.value.split("\n")
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0)
    this.text.focus()
    this.text.setSelectionRange(start, start + (lines[line - 1] ?? "").length)
    const height = parseFloat(getComputedStyle(this.text).lineHeight)
    this.text.scrollTop = Math.max(0, (line - 5) * height)
    this.tree.querySelector(`[data-path="${CSS.escape(path)}"]`)?.scrollIntoView({ block: "nearest" })
  }

  // Fields with a problem are marked in the tree.
  #mark() {
    const wrong = [...this.querySelectorAll(".problem-line")].map(line => line.dataset.path).filter(Boolean)
    for (const part of this.tree.querySelectorAll("[data-path]")) {
      const path = part.dataset.path
      part.classList.toggle("wrong", wrong.some(w => w === path || (w.startsWith(`${path}.`) && !this.tree.querySelector(`[data-path="${CSS.escape(w.split(".").slice(0, path.split(".").length + 2).join("."))}"]`))))
    }
  }

  #draw() {
    const groups = Object.entries(this.schema.groups ?? {})
    this.tree.replaceChildren(...groups.map(([name, group], n) => this.#group(name, group, n, groups.length)))
    this.#mark()
  }

  #group(name, group, n, count) {
    const path = `groups.${name}`
    if (typeof group !== "object" || !group) return make("p", { class: "pad muted", "data-path": path }, name)
    const fields = (group.fields ??= {})
    return make("section", { class: "group", "data-path": path, "aria-label": `Group ${name}` },
      make("div", { class: "line" },
        this.#name(this.schema.groups, name, path, "Name of the group"),
        this.#words(group, "title", "Title", `Title of group ${name}`),
        this.#moves(this.schema.groups, name, n, count, path, `group ${name}`)),
      this.#words(group, "extraction_prompt", "What to look for in this group", `Prompt of group ${name}`),
      ...this.#fields(fields, `${path}.fields`),
      this.#adder(fields, `${path}.fields`, `Field in ${name}`))
  }

  #fields(fields, base) {
    const entries = Object.entries(fields)
    return entries.map(([name, field], n) => this.#field(fields, name, field, n, entries.length, `${base}.${name}`))
  }

  #field(fields, name, source, n, count, path) {
    const field = typeof source === "object" && source ? source : { type: source }
    const own = () => (fields[name] = field)
    const type = typeOf(field)
    const inner = type === "rows" ? [field.items.properties ??= {}, `${path}.items.properties`] : type === "object" ? [field.properties ??= {}, `${path}.properties`] : null
    return make("div", { class: "leaf", "data-path": path, role: "group", "aria-label": `Field ${name}` },
      make("div", { class: "line" },
        this.#name(fields, name, path, "Name of the field"),
        field.$ref ? make("span", { class: "muted small" }, `as ${field.$ref}`) : this.#type(field, type, path, name, own),
        this.#moves(fields, name, n, count, path, `field ${name}`)),
      make("div", { class: "line" },
        this.#words(field, "title", "Title", `Title of ${name}`, own),
        this.#words(field, field.description && !field.extraction_prompt ? "description" : "extraction_prompt", "What to look for", `Prompt of ${name}`, own)),
      ...(type === "enum" ? [this.#choices(field, name)] : []),
      ...(inner ? [make("div", { class: "inner" }, ...this.#fields(...inner), this.#adder(...inner, `Field in ${name}`))] : []))
  }

  #name(object, name, path, label) {
    return make("input", {
      class: "name", value: name, "aria-label": label, "data-at": `${path}:name`, maxlength: 200, spellcheck: "false",
      onchange: event => {
        const after = event.target.value.trim()
        if (!after || after === name || after in object) return (event.target.value = name)
        this.#change(() => renamed(object, name, after), `${path.slice(0, path.length - name.length)}${after}:name`)
      },
    })
  }

  #words(object, key, placeholder, label, own = () => {}) {
    return make("input", {
      value: typeof object[key] === "string" ? object[key] : "", placeholder, "aria-label": label,
      oninput: event => {
        own()
        if (event.target.value) object[key] = event.target.value
        else delete object[key]
        this.#write()
      },
    })
  }

  #type(field, type, path, name, own) {
    const options = Object.entries(TYPES).map(([key, text]) => make("option", { value: key, selected: key === type }, text))
    if (type === null) options.unshift(make("option", { value: "", selected: true }, String(field.type)))
    return make("select", {
      "aria-label": `Type of ${name}`, "data-at": `${path}:type`,
      onchange: event => event.target.value && this.#change(() => { own(); setType(field, event.target.value) }, `${path}:type`),
    }, ...options)
  }

  #choices(field, name) {
    return make("input", {
      value: field.enum.join(", "), "aria-label": `Choices of ${name}, separated by commas`, placeholder: "first, second",
      oninput: event => {
        field.enum = event.target.value.split(",").map(t => t.trim()).filter(Boolean)
        this.#write()
      },
    })
  }

  #moves(object, name, n, count, path, what) {
    const move = to => this.#change(() => reordered(object, n, to), `${path}:${to < n ? "up" : "down"}`)
    const button = (kind, label, isOff, deed) => make("button", { type: "button", class: "icon small quiet", "aria-label": label, title: label, disabled: isOff, "data-at": `${path}:${kind}`, onclick: deed }, glyph(kind))
    return make("span", { class: "moves" },
      button("up", `Move ${what} up`, n === 0, () => move(n - 1)),
      button("down", `Move ${what} down`, n === count - 1, () => move(n + 1)),
      button("trash", `Remove ${what}`, false, () => this.#change(() => delete object[name])))
  }

  #adder(fields, base, label) {
    return make("button", {
      type: "button", class: "small quiet adder", "aria-label": `Add: ${label}`,
      onclick: () => {
        const name = freshName(fields, "field")
        this.#change(() => (fields[name] = { type: "string" }), `${base}.${name}:name`)
      },
    }, glyph("plus"), "Field")
  }
}

customElements.define("schema-editor", SchemaEditor)
