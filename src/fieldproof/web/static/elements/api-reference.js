// <api-reference>: draws an OpenAPI document, one operation at a time, and sends calls to this very server.
// The token stays in this page's memory.

const SURFACES = [["Raydocs API", path => !path.startsWith("/api/") && !/^\/(v1|healthz|readyz|metrics)/.test(path)], ["DocSense API", path => path.startsWith("/api/")], ["Fieldproof API", () => true]]
const METHODS = ["get", "post", "put", "patch", "delete"]
const MAX_DEPTH = 5

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.flat().filter(child => child != null && child !== false))
  return element
}

// Paragraphs and `code`, always as text.
function prose(text) {
  return (text ?? "").trim().split(/\n\s*\n/).filter(Boolean).map(paragraph => make("p", {}, ...paragraph.replace(/``/g, "`").split("`").map((piece, n) => (n % 2 ? make("code", {}, piece) : piece))))
}

class ApiReference extends HTMLElement {
  async connectedCallback() {
    const answer = await fetch(this.dataset.source)
    this.api = await answer.json()
    this.operations = Object.entries(this.api.paths).flatMap(([path, item]) => METHODS.filter(m => item[m]).map(method => ({
      path, method, ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map(p => this.#resolved(p)),
      key: `${method}${path}`, surface: SURFACES.find(([, fits]) => fits(path))[0],
    })))
    this.search = make("input", { type: "search", placeholder: "Search", "aria-label": "Search operations", oninput: () => this.#list() })
    this.token = make("input", { type: "password", autocomplete: "off", placeholder: "Token or API key", "aria-label": "Token or API key for the calls" })
    this.links = make("div", { class: "operations" })
    this.shown = make("article", { class: "card operation", tabindex: "-1", "aria-live": "polite" })
    this.replaceChildren(make("nav", { class: "index card", "aria-label": "Operations" }, make("div", { class: "pad stack tight" }, this.search, this.token), this.links), this.shown)
    this.#list()
    addEventListener("hashchange", () => this.#show(true))
    this.#show(false)
  }

  #list() {
    const wanted = this.search.value.toLowerCase()
    const fitting = this.operations.filter(o => `${o.method} ${o.path} ${o.summary ?? ""}`.toLowerCase().includes(wanted))
    this.links.replaceChildren(...SURFACES.flatMap(([surface]) => {
      const own = fitting.filter(o => o.surface === surface)
      return own.length ? [make("h2", {}, surface, make("span", { class: "count" }, own.length)), ...own.map(o => this.#link(o))] : []
    }))
    if (!fitting.length) this.links.replaceChildren(make("p", { class: "pad muted" }, "No operation fits."))
  }

  #link(operation) {
    return make("a", { href: `#${operation.key}`, "aria-current": operation.key === this.key ? "true" : null },
      make("span", { class: `method ${operation.method}` }, operation.method), make("span", {}, operation.summary || operation.path))
  }

  #show(isMoved) {
    this.key = decodeURIComponent(location.hash.slice(1))
    const operation = this.operations.find(o => o.key === this.key) ?? this.operations[0]
    this.key = operation.key
    this.#list()
    const body = this.#bodyOf(operation)
    this.shown.replaceChildren(
      make("header", { class: "pad stack tight" }, make("p", { class: "muted small" }, operation.surface), make("h2", {}, operation.summary || operation.path),
        make("p", { class: "address" }, make("span", { class: `method ${operation.method}` }, operation.method), make("code", {}, operation.path)), ...prose(operation.description)),
      operation.parameters.length && make("section", { class: "pad" }, make("h3", {}, "Parameters"), this.#parameters(operation)) || "",
      body.schema && make("section", { class: "pad" }, make("h3", {}, "Body ", make("span", { class: "faint" }, body.type)), this.#fields(body.schema)) || "",
      make("section", { class: "pad" }, make("h3", {}, "Answers"), ...this.#answers(operation)),
      this.#trial(operation, body))
    if (isMoved) { this.shown.focus({ preventScroll: true }); this.shown.scrollIntoView({ block: "start" }) }
  }

  #parameters(operation) {
    return make("div", { class: "scroll" }, make("table", { class: "table compact" }, make("thead", {}, make("tr", {}, ...["Name", "In", "Type", "Meaning"].map(t => make("th", {}, t)))),
      make("tbody", {}, ...operation.parameters.map(p => make("tr", {}, make("td", {}, make("code", {}, p.name), p.required && make("span", { class: "bad small" }, " required")), make("td", {}, p.in), make("td", { class: "small" }, this.#typeName(p.schema)), make("td", { class: "small muted" }, p.description ?? ""))))))
  }

  #answers(operation) {
    return Object.entries(operation.responses ?? {}).map(([status, given]) => {
      const answer = this.#resolved(given)
      const [type, content] = Object.entries(answer.content ?? {})[0] ?? []
      return make("details", { class: "answer" }, make("summary", {}, make("span", { class: `pill ${status < "300" ? "good" : "warn"}` }, status), " ", answer.description ?? "", type && make("span", { class: "faint small" }, ` ${type}`)), content?.schema && this.#fields(content.schema))
    })
  }

  #bodyOf(operation) {
    const [type, content] = Object.entries(this.#resolved(operation.requestBody ?? {}).content ?? {})[0] ?? []
    return { type, schema: content?.schema, example: content?.example ?? Object.values(content?.examples ?? {})[0]?.value }
  }

  #resolved(schema) {
    let found = schema
    for (let n = 0; found?.$ref && n < 20; n++) found = found.$ref.replace("#/", "").split("/").reduce((part, key) => part?.[key.replace(/~1/g, "/")], this.api)
    return found ?? {}
  }

  #typeName(given) {
    const schema = this.#resolved(given)
    if (schema.enum) return schema.enum.map(v => JSON.stringify(v)).join(" | ")
    const parts = schema.anyOf ?? schema.oneOf
    if (parts) return parts.map(p => this.#typeName(p)).join(" | ")
    const type = [schema.type ?? (schema.properties ? "object" : "any")].flat().join(" | ")
    return type === "array" ? `list of ${this.#typeName(schema.items)}` : schema.format ? `${type} (${schema.format})` : type
  }

  #parts(schema) {
    const found = this.#resolved(schema)
    const all = found.allOf?.map(part => this.#parts(part)) ?? []
    const own = found.type === "array" || found.items ? this.#parts(found.items) : { properties: found.properties ?? {}, required: found.required ?? [] }
    return { properties: Object.assign({}, ...all.map(a => a.properties), own.properties), required: [...all.flatMap(a => a.required), ...own.required] }
  }

  #fields(schema, depth = 0) {
    const { properties, required } = this.#parts(schema)
    const entries = Object.entries(properties)
    if (!entries.length) return make("p", { class: "small muted" }, this.#typeName(schema))
    return make("ul", { class: "plain fields" }, ...entries.map(([name, field]) => {
      const inner = depth < MAX_DEPTH && Object.keys(this.#parts((this.#resolved(field).anyOf ?? [field]).find(f => this.#resolved(f).type !== "null") ?? field).properties).length ? this.#fields(field, depth + 1) : null
      const head = [make("code", {}, name), " ", make("span", { class: "faint small" }, this.#typeName(field)), required.includes(name) && make("span", { class: "bad small" }, " required"), this.#resolved(field).description && make("span", { class: "muted small" }, ` ${this.#resolved(field).description}`)]
      return make("li", {}, inner ? make("details", {}, make("summary", {}, ...head.filter(Boolean)), inner) : make("div", {}, ...head.filter(Boolean)))
    }))
  }

  #example(given, depth = 0) {
    const schema = this.#resolved(given)
    if (schema.example !== undefined) return schema.example
    if (schema.default !== undefined) return schema.default
    if (schema.enum) return schema.enum[0]
    if (schema.const !== undefined) return schema.const
    if (schema.anyOf ?? schema.oneOf) return this.#example((schema.anyOf ?? schema.oneOf)[0], depth)
    const type = [schema.type ?? (schema.properties || schema.allOf ? "object" : "string")].flat().find(t => t !== "null")
    if (depth > MAX_DEPTH) return null
    if (type === "object") {
      const { properties, required } = this.#parts(schema)
      return Object.fromEntries(Object.entries(properties).filter(([name]) => !required.length || required.includes(name)).map(([name, field]) => [name, this.#example(field, depth + 1)]))
    }
    if (type === "array") return [this.#example(schema.items ?? {}, depth + 1)]
    return { integer: 1, number: 1, boolean: true }[type] ?? (schema.format === "uuid" ? "00000000-0000-0000-0000-000000000000" : schema.format === "email" ? "name@example.org" : "text")
  }

  #trial(operation, body) {
    const inputs = operation.parameters.filter(p => p.in === "path" || p.in === "query").map(p => {
      const id = `p-${p.in}-${p.name}`
      return make("div", { class: "field" }, make("label", { for: id }, p.name, !p.required && make("span", { class: "faint" }, " (optional)")), make("input", { id, name: p.name, "data-in": p.in, required: p.required, placeholder: this.#typeName(p.schema) }))
    })
    const isJson = body.type?.includes("json")
    const files = body.type === "multipart/form-data" ? Object.entries(this.#parts(body.schema).properties) : []
    const isFile = field => { const s = this.#resolved(field); return s.format === "binary" || this.#resolved(s.items).format === "binary" || s.contentMediaType || this.#resolved(s.items).contentMediaType }
    const out = make("div", { class: "stack tight", role: "status" })
    const form = make("form", { class: "pad stack try", onsubmit: event => { event.preventDefault(); this.#send(operation, form, isJson, out) } },
      make("h3", {}, "Try it"), inputs.length ? make("div", { class: "columns small-columns" }, ...inputs) : null,
      isJson && make("div", { class: "field" }, make("label", { for: "p-body" }, "Body"), Object.assign(make("textarea", { id: "p-body", class: "code", rows: 8, spellcheck: "false" }), { value: JSON.stringify(body.example ?? this.#example(body.schema), null, 2) })),
      ...files.map(([name, field]) => make("div", { class: "field" }, make("label", { for: `p-form-${name}` }, name), make("input", { id: `p-form-${name}`, name, "data-in": "form", type: isFile(field) ? "file" : "text", multiple: this.#resolved(field).type === "array" }))),
      make("div", { class: "row" }, make("button", { class: "primary" }, "Send"), make("span", { class: "muted small" }, `${operation.method.toUpperCase()} to this server, with the token above the list`)), out)
    return form
  }

  async #send(operation, form, isJson, out) {
    const query = new URLSearchParams()
    let path = operation.path
    for (const input of form.querySelectorAll("[data-in]")) {
      if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(input.value))
      if (input.dataset.in === "query" && input.value) query.append(input.name, input.value)
    }
    const headers = { Accept: "application/json" }
    const token = this.token.value.trim()
    if (token) headers[token.startsWith("fpk_") ? "x-api-key" : "Authorization"] = token.startsWith("fpk_") ? token : `Bearer ${token}`
    let body
    if (isJson) { headers["Content-Type"] = "application/json"; body = form.querySelector("#p-body").value }
    const parts = [...form.querySelectorAll('[data-in="form"]')]
    if (parts.length) {
      body = new FormData()
      for (const input of parts) for (const value of input.type === "file" ? input.files : [input.value]) if (value) body.append(input.name, value)
    }
    out.replaceChildren(make("p", { class: "muted" }, "Sending …"))
    const started = performance.now()
    try {
      const answer = await fetch(path + (query.size ? `?${query}` : ""), { method: operation.method.toUpperCase(), headers, body, credentials: "omit", redirect: "manual" })
      const text = await answer.text()
      let shown = text
      try { shown = JSON.stringify(JSON.parse(text), null, 2) } catch { /* not JSON: shown as it is */ }
      out.replaceChildren(
        make("p", { class: "row" }, make("span", { class: `pill ${answer.ok ? "good" : "bad"}` }, answer.status), make("span", { class: "muted small" }, `${Math.round(performance.now() - started)} ms · ${answer.headers.get("content-type") ?? "no body"}`)),
        shown ? make("pre", { class: "code-block tall", tabindex: "0", "aria-label": "Answer" }, shown.slice(0, 200000)) : "")
    } catch (error) {
      out.replaceChildren(make("p", { class: "problem" }, `The call did not go through: ${error.message}`))
    }
  }
}

customElements.define("api-reference", ApiReference)
