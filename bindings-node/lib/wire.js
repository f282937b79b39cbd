'use strict'

// Requests on their way to the engine: JSON, and embeddings beside it as they lie in memory.

const native = require('./native')
const { classes, errorOf } = require('./errors')
const { filterOf } = require('./where')

const DEEPEST = 200
const EMBEDDINGS = [Float64Array, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]

function wrongType(field, value, expected) {
  return errorOf(native.wrongType(field, shown(value), expected))
}

function shown(value) {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
    case 'bigint':
      return `${value}n`.slice(0, 60)
    case 'function':
      return 'a function'
    case 'symbol':
      return 'a symbol'
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value)) return `a list of ${value.length}`
      return 'an object'
    default:
      return String(value)
  }
}

/** Refuses what JSON would leave out, or turn into something else, without a word. */
function check(value, path, depth) {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw errorOf(native.outOfRange(path, String(value), 'a finite number'))
    return
  }
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
      throw wrongType(path, value, 'a value that JSON has')
    }
    return
  }
  // A ring is found by what writes it, and what is too deep by what reads it.
  if (depth > DEEPEST) return
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw errorOf(native.outOfRange(path, 'an invalid date', 'a moment'))
    return
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const one = value[i]
      if (typeof one !== 'string') check(one, path, depth + 1)
    }
    return
  }
  for (const key in value) {
    const one = value[key]
    const kind = typeof one
    if (kind !== 'string' && kind !== 'boolean' && kind !== 'undefined') {
      check(one, path === '' ? key : `${path}.${key}`, depth + 1)
    }
  }
}

/** Reads what somebody handed over: getters, proxies and rings may throw whatever they like. */
function reading(work) {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof classes.ShortlistError) throw cause
    throw errorOf(native.malformed('what was handed over', `it cannot be read: ${cause?.message ?? String(cause)}`), { cause })
  }
}

/** A value as JSON; `what` names it in errors. */
function json(value, what) {
  check(value, '', 0)
  const text = JSON.stringify(value)
  if (text === undefined) throw wrongType(what, value, 'a JSON object')
  return text
}

/** An embedding as a `Float32Array`; undefined where it is none, for the core to say so. */
function floatsOf(embedding) {
  if (embedding instanceof Float32Array) {
    // What another thread may write to meanwhile is copied first.
    const shared = typeof SharedArrayBuffer === 'function' && embedding.buffer instanceof SharedArrayBuffer
    return embedding.length === 0 ? undefined : shared ? new Float32Array(embedding) : embedding
  }
  if (Array.isArray(embedding)) {
    if (embedding.length === 0) return undefined
    for (let i = 0; i < embedding.length; i++) if (typeof embedding[i] !== 'number') return undefined
    return Float32Array.from(embedding)
  }
  return EMBEDDINGS.some((one) => embedding instanceof one) && embedding.length > 0 ? Float32Array.from(embedding) : undefined
}

/** An object that may have an embedding: its JSON without it, and the embedding. */
function parts(value, what) {
  let floats
  if (typeof value === 'object' && value !== null) {
    if (typeof value.toJSON === 'function') value = value.toJSON()
    if (value?.where !== undefined) value = filterOf(value)
    const embedding = value?.embedding
    if (embedding !== undefined && embedding !== null) {
      floats = floatsOf(embedding)
      if (floats !== undefined) value = { ...value, embedding: undefined }
      else if (ArrayBuffer.isView(embedding)) value = { ...value, embedding: [] }
    }
  }
  return { text: json(value, what), floats }
}

/** One of the options of a call. */
function option(options, name) {
  if (options === undefined || options === null) return undefined
  if (typeof options !== 'object') throw wrongType('options', options, 'an object')
  const value = options[name]
  if (name === 'signal' && value !== undefined && !(value instanceof AbortSignal)) {
    throw wrongType('options.signal', value, 'an AbortSignal')
  }
  return value
}

module.exports = { json, option, parts, reading, wrongType }
