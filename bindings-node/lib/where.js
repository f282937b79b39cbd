'use strict'

// A `where` as Prisma has it, said as a filter: the one place that knows both.

const native = require('./native')
const { errorOf } = require('./errors')

const JOINS = ['AND', 'OR', 'NOT']
const TESTS = ['equals', 'not', 'in', 'notIn', 'has', 'hasSome', 'hasEvery', 'isEmpty', 'lt', 'lte', 'gt', 'gte']

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
const listOf = (value) => (Array.isArray(value) ? value : [value])

function wrongType(field, value, expected) {
  const shown = value === null ? 'null' : Array.isArray(value) ? `a list of ${value.length}` : typeof value === 'object' ? 'an object' : String(value).slice(0, 60)
  return errorOf(native.wrongType(field, shown, expected))
}

/** The name of the field that a value refers to, if it does: `{_ref}` of raw queries, or Prisma's own field references. */
function reference(value) {
  if (!isObject(value)) return undefined
  if (typeof value._ref === 'string') return value._ref
  return typeof value.modelName === 'string' && typeof value.name === 'string' ? value.name : undefined
}

function operand(value) {
  const field = reference(value)
  if (field !== undefined) return { field }
  return value instanceof Date ? value.toISOString() : value
}

function list(path, value) {
  if (!Array.isArray(value)) throw wrongType(path, value, 'a list')
  return value
}

/** A field equals a value: a number, a flag, a keyword, nothing. */
function equals(field, value) {
  if (value === null) return { [field]: { exists: false } }
  if (Array.isArray(value)) throw wrongType(`where.${field}.equals`, value, 'one value; for lists there are hasSome and hasEvery')
  if (reference(value) !== undefined || value instanceof Date) return { [field]: { eq: operand(value) } }
  return { [field]: value }
}

function anyOf(field, path, values) {
  list(path, values)
  // Keywords are one test; numbers and moments have none for several values.
  if (values.every((value) => typeof value === 'string')) return { [field]: { anyOf: values } }
  return { or: values.map((value) => equals(field, value)) }
}

function test(field, name, value, depth) {
  const path = `where.${field}.${name}`
  switch (name) {
    case 'equals':
      return equals(field, value)
    case 'not':
      if (value === null) return { [field]: { exists: true } }
      return { not: isObject(value) && reference(value) === undefined ? condition(field, value, depth + 1) : equals(field, value) }
    case 'in':
      return anyOf(field, path, value)
    case 'notIn':
      return { not: anyOf(field, path, value) }
    case 'has':
      return { [field]: { anyOf: [value] } }
    case 'hasSome':
      return { [field]: { anyOf: list(path, value) } }
    case 'hasEvery':
      return { [field]: { allOf: list(path, value) } }
    case 'isEmpty':
      if (typeof value !== 'boolean') throw wrongType(path, value, 'true or false')
      return { [field]: { exists: !value } }
    default:
      return { [field]: { [name]: operand(value) } }
  }
}

function condition(field, value, depth) {
  if (!isObject(value) || reference(value) !== undefined) return equals(field, value)
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  const unknown = names.find((name) => !TESTS.includes(name))
  if (unknown !== undefined) throw errorOf(native.unknownTest(`where.${field}.${unknown}`))
  return { and: names.map((name) => test(field, name, value[name], depth)) }
}

function clause(key, value, depth) {
  // The core says what is too deep; this only comes back from what has no end.
  if (depth > 200) throw errorOf(native.malformed('the `where`', 'it is nested without end'))
  if (JOINS.includes(key)) {
    const parts = listOf(value).map((part) => {
      if (!isObject(part)) throw wrongType(`where.${key}`, part, 'an object of conditions, or a list of them')
      return all(part, depth + 1)
    })
    if (key === 'OR') return { or: parts }
    return { and: key === 'NOT' ? parts.map((part) => ({ not: part })) : parts }
  }
  if (key === 'attributes' && isObject(value)) {
    return { and: Object.keys(value).map((name) => condition(`attributes.${name}`, value[name], depth)) }
  }
  return condition(key, value, depth)
}

function all(where, depth) {
  const keys = Object.keys(where).filter((key) => where[key] !== undefined)
  return { and: keys.map((key) => clause(key, where[key], depth)) }
}

/** A request whose `where` has become part of its filter. */
function filterOf(request) {
  const { where, filter, ...others } = request
  if (!isObject(where)) throw wrongType('where', where, 'an object of conditions')
  const translated = all(where, 0)
  return { ...others, filter: filter === undefined || filter === null ? translated : { and: [filter, translated] } }
}

module.exports = { filterOf }
