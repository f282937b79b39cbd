'use strict'

// The engine as JavaScript sees it: reads what is asked, hands it over, and makes objects of what comes back.

const native = require('./native')
const { typed } = require('./errors')
const { promised } = require('./port')
const { collect, collected, joined } = require('./batch')
const { OBJECTS, OP, call, handleOf, hold, later, named, now, start, text } = require('./call')
const { Reader, parsed } = require('./reader')
const { Subscription } = require('./subscription')
const { json, option, parts, wrongType } = require('./wire')

const nothing = () => undefined

function pathOf(value, field) {
  if (value instanceof URL) return decodeURIComponent(value.pathname)
  if (typeof value !== 'string') throw wrongType(field, value, 'a path')
  return value
}

/** What an engine is opened with, as the core reads it. */
function optionsOf(options) {
  if (options === undefined || options === null) return '{}'
  const { exactBudgetMs } = options
  // JSON has no infinity; this is longer than anybody waits.
  return json(exactBudgetMs === Infinity ? { ...options, exactBudgetMs: Number.MAX_VALUE } : options, 'options')
}

/** One patch by id, or a list of fields that each have their id; and the options, which stand behind either. */
function patches(id, fields, options) {
  const list = Array.isArray(id)
  const each = list ? id : [{ ...fields, id }]
  if (!list && (typeof fields !== 'object' || fields === null)) throw wrongType('patch', fields, 'an object of fields')
  const lines = []
  const all = []
  each.forEach((one) => {
    if (typeof one !== 'object' || one === null) throw wrongType('patch', one, 'an object of fields with an id')
    const { id: of, ...rest } = one
    const { text: line, floats } = parts(rest, 'patch')
    lines.push(json(of ?? null, 'id'), line)
    all.push(floats)
  })
  return [{ text: lines.join('\n'), ...joined(all) }, list ? fields : options]
}

/** What one tenant sees of an engine. */
class Tenant extends Reader {
  constructor(handle) {
    super()
    hold(this, handle)
  }
}

class Engine extends Reader {
  constructor(handle) {
    super()
    hold(this, handle)
  }

  static #opened(how, path, options) {
    return later(() => {
      const [from, told] = [pathOf(path, 'path'), optionsOf(options)]
      const begin = (port, id) => native.open(port, id, how, from, told)
      return promised(begin, (handle) => new Engine(handle), undefined)
    })
  }

  static #openedSync(how, path, options) {
    const [from, told] = now(() => [pathOf(path, 'path'), optionsOf(options)])
    try {
      return new Engine(native.openSync(how, from, told))
    } catch (thrown) {
      throw typed(thrown)
    }
  }

  static open(directory, options) {
    return Engine.#opened('open', directory, options)
  }

  static openSync(directory, options) {
    return Engine.#openedSync('open', directory, options)
  }

  static openSnapshot(file, options) {
    return Engine.#opened('openSnapshot', file, options)
  }

  static openSnapshotSync(file, options) {
    return Engine.#openedSync('openSnapshot', file, options)
  }

  static openReadOnly(directory, options) {
    return Engine.#opened('openReadOnly', directory, options)
  }

  static openReadOnlySync(directory, options) {
    return Engine.#openedSync('openReadOnly', directory, options)
  }

  static inMemory(options) {
    return Engine.#openedSync('inMemory', '', options)
  }

  static attach(token) {
    if (!Number.isInteger(token)) throw wrongType('token', token, "another thread's `engine.token`")
    try {
      return new Engine(native.EngineHandle.attach(token))
    } catch (thrown) {
      throw typed(thrown)
    }
  }

  get token() {
    return handleOf(this).number
  }

  get isClosed() {
    return handleOf(this).isClosed
  }

  get isReadOnly() {
    return call(this, OP.isReadOnly, OBJECTS, { text: '' }, parsed)
  }

  forTenant(filter) {
    const asked = now(() => json(filter, 'filter'))
    try {
      return new Tenant(handleOf(this).forTenant(asked))
    } catch (thrown) {
      throw typed(thrown)
    }
  }

  // Writing

  async upsert(profiles, options) {
    const batch = await collect(profiles, 'profile')
    const handle = handleOf(this)
    const begin = (port, id) => handle.startBatch(port, id, batch)
    return promised(begin, parsed, now(() => option(options, 'signal')))
  }

  upsertSync(profiles) {
    return now(() => call(this, OP.upsert, OBJECTS, collected(Array.isArray(profiles) ? profiles : [profiles], 'profile', '\n'), parsed))
  }

  patch(id, fields, options) {
    return later(() => {
      const [asked, told] = patches(id, fields, options)
      return start(this, OP.patch, OBJECTS, asked, parsed, told)
    })
  }

  patchSync(id, fields) {
    return now(() => call(this, OP.patch, OBJECTS, patches(id, fields)[0], parsed))
  }

  remove(ids, options) {
    return later(() => start(this, OP.remove, OBJECTS, text(ids, 'ids'), parsed, options))
  }

  removeSync(ids) {
    return now(() => call(this, OP.remove, OBJECTS, text(ids, 'ids'), parsed))
  }

  // Places that are held

  reserve(id, ttlMs, options) {
    return later(() => start(this, OP.reserve, OBJECTS, text([id, ttlMs], 'id, ttlMs'), parsed, options))
  }

  confirm(hold, options) {
    return later(() => start(this, OP.confirm, OBJECTS, text(hold?.id ?? hold, 'hold'), parsed, options))
  }

  release(hold, options) {
    return later(() => start(this, OP.release, OBJECTS, text(hold?.id ?? hold, 'hold'), parsed, options))
  }

  holds() {
    return call(this, OP.holds, OBJECTS, { text: '' }, parsed)
  }

  // The index

  get schema() {
    return call(this, OP.schema, OBJECTS, { text: '' }, parsed)
  }

  declare(schema, options) {
    return later(() => start(this, OP.declare, OBJECTS, text(schema, 'schema'), parsed, options))
  }

  alter(change, options) {
    return later(() => start(this, OP.alter, OBJECTS, text(change, 'change'), parsed, options))
  }

  setSynonyms(rules, options) {
    return later(() => start(this, OP.setSynonyms, OBJECTS, text(rules, 'synonyms'), parsed, options))
  }

  get rules() {
    return call(this, OP.rules, OBJECTS, { text: '' }, parsed)
  }

  setRules(name, rules, options) {
    return later(() => start(this, OP.setRules, OBJECTS, named(name, rules, 'rules'), parsed, options))
  }

  removeRules(name, options) {
    return later(() => start(this, OP.removeRules, OBJECTS, text(name, 'name'), parsed, options))
  }

  stats() {
    return call(this, OP.stats, OBJECTS, { text: '' }, parsed)
  }

  metrics() {
    return call(this, OP.metrics, OBJECTS, { text: '' }, parsed)
  }

  slowRequests() {
    return call(this, OP.slowRequests, OBJECTS, { text: '' }, parsed)
  }

  snapshot(directory, options) {
    return later(() => start(this, OP.snapshot, OBJECTS, text(pathOf(directory, 'directory'), 'directory'), parsed, options))
  }

  snapshotTo(file, options) {
    return later(() => start(this, OP.snapshotTo, OBJECTS, text(pathOf(file, 'file'), 'file'), parsed, options))
  }

  verify(options) {
    return later(() => start(this, OP.verify, OBJECTS, { text: '' }, parsed, options))
  }

  refresh(options) {
    return later(() => start(this, OP.refresh, OBJECTS, { text: '' }, parsed, options))
  }

  waitFor(generation, options) {
    return later(() => {
      const asked = text([generation, option(options, 'timeoutMs') ?? 10_000], 'generation')
      return start(this, OP.waitFor, OBJECTS, asked, parsed, options)
    })
  }

  maintain(options) {
    return later(() => start(this, OP.maintain, OBJECTS, { text: '' }, nothing, options))
  }

  subscribe(options) {
    return new Subscription(this, options)
  }

  close() {
    const handle = handleOf(this)
    return promised((port, id) => handle.close(port, id), nothing, undefined)
  }

  closeSync() {
    handleOf(this).closeSync()
  }

  [Symbol.dispose]() {
    this.closeSync()
  }

  [Symbol.asyncDispose]() {
    return this.close()
  }
}

module.exports = { Engine, Tenant }
