'use strict'

// Following a Postgres: start full, stay fresh, prove it.

const { setTimeout: wait } = require('node:timers/promises')
const native = require('./native')
const { handleOf } = require('./call')
const { typed } = require('./errors')
const { promised } = require('./port')
const { json, option, reading, wrongType } = require('./wire')

/** How often a status is looked at while somebody waits for it, in milliseconds. */
const LOOK = 20

const parsed = (text) => JSON.parse(text)
const nothing = () => undefined
const handles = new WeakMap()

function syncOf(sync) {
  return handles.get(sync) ?? (() => { throw wrongType('this', sync, 'a sync') })()
}

function now(work) {
  try {
    return JSON.parse(work())
  } catch (thrown) {
    throw typed(thrown)
  }
}

class Sync {
  constructor(handle) {
    if (!(handle instanceof native.SyncHandle)) throw wrongType('handle', handle, 'nothing: a sync comes from Sync.start')
    handles.set(this, handle)
  }

  static start(engine, options) {
    const [following, told] = reading(() => [handleOf(engine), json(options, 'options')])
    try {
      return new Sync(native.SyncHandle.start(following, told))
    } catch (thrown) {
      throw typed(thrown)
    }
  }

  get status() {
    return now(() => syncOf(this).status())
  }

  get quarantined() {
    return now(() => syncOf(this).quarantined())
  }

  async until(states, options) {
    const [wanted, signal] = [[states].flat(), option(options, 'signal')]
    const end = performance.now() + (option(options, 'timeoutMs') ?? Infinity)
    for (;;) {
      signal?.throwIfAborted()
      const { status } = this
      const hasEnded = status.state === 'failed' || status.state === 'stopped'
      if (wanted.includes(status.state) || hasEnded || performance.now() > end) return status
      await wait(LOOK)
    }
  }

  verify(options = {}) {
    return new Promise((resolve) => {
      const [sync, told] = reading(() => [syncOf(this), json(options, 'options')])
      resolve(promised((port, id) => sync.verify(port, id, told), parsed, undefined))
    })
  }

  stop() {
    const sync = syncOf(this)
    return promised((port, id) => sync.stop(port, id), parsed, undefined)
  }

  async [Symbol.asyncDispose]() {
    await this.stop()
  }
}

/** A question to a database. */
const asked = (question, finish) => (options) =>
  new Promise((resolve) => {
    const told = reading(() => json(options, 'options'))
    resolve(promised((port, id) => native.postgres(port, id, question, told), finish, undefined))
  })

const postgres = Object.freeze({
  check: asked('check', parsed),
  install: asked('install', nothing),
  installScript: asked('installScript', parsed),
  uninstall: asked('uninstall', nothing),
  uninstallScript: () => native.uninstallScript(),
  indexes: asked('indexes', parsed),
  makeIndexes: asked('makeIndexes', parsed),
})

module.exports = { Sync, postgres }
