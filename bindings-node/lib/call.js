'use strict'

// How the engine is asked: by number, form and text, now or by a promise.

const native = require('./native')
const { typed } = require('./errors')
const { known } = require('./listings')
const { promised } = require('./port')
const { json, option, reading, wrongType } = require('./wire')

/** Each operation's number. */
const OP = Object.fromEntries(native.operations().map((name, number) => [name, number]))

/** The forms that an answer is asked for in. */
const OBJECTS = 0
const BYTES = 1
const IDS = 2

const handles = new WeakMap()

/** Says which native engine an object stands for. */
function hold(engine, handle) {
  if (!(handle instanceof native.EngineHandle)) {
    throw wrongType('handle', handle, 'nothing: engines come from Engine.open and Engine.inMemory')
  }
  handles.set(engine, handle)
}

function handleOf(engine) {
  const handle = handles.get(engine)
  if (handle === undefined) throw wrongType('this', engine, 'an engine')
  return handle
}

function call(engine, operation, form, { text, floats, lengths }, finish) {
  let answer
  try {
    answer = handleOf(engine).call(operation, form, text, floats, lengths, known)
  } catch (thrown) {
    throw typed(thrown)
  }
  return finish(answer)
}

function start(engine, operation, form, { text, floats, lengths }, finish, options) {
  const handle = handleOf(engine)
  const begin = (port, id) => handle.start(port, id, operation, form, text, floats, lengths)
  return promised(begin, finish, option(options, 'signal'))
}

/** Has a promise refused by what is thrown while its request is read. */
const later = (work) => new Promise((resolve) => resolve(reading(work)))

/** A request that is one value. */
const text = (value, what) => ({ text: json(value, what) })
/** A request that is a name and an object. */
const named = (name, value, what) => ({ text: `${json(name, 'name')}\n${json(value, what)}` })

module.exports = { BYTES, IDS, OBJECTS, OP, call, handleOf, hold, later, named, now: reading, start, text }
