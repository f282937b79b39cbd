'use strict'

// The examples in index.d.ts and the README, run as they stand there.

const assert = require('node:assert/strict')
const { mkdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { scratch, shortlist } = require('./addon.js')

const text = readFileSync(join(__dirname, '..', 'index.d.ts'), 'utf8')
const docs = [...text.matchAll(/^( *)\/\*\*\n((?: *\*.*\n)+?) *\*\/\n *(.*)/gm)].map(([, indent, body, declared]) => ({
  declared: declared.replace(/[<(:{].*/, '').replace(/^(export |declare |static |class |interface |type |readonly |const )+/, '').trim(),
  isMember: indent.length > 0,
  code: body.match(/```js\n([^]*?)```/)?.[1].replace(/^ *\* ?/gm, ''),
}))

const AsyncFunction = (async () => {}).constructor

function runs(name, code) {
  test(name, async () => {
    const folder = join(scratch(), 'folder')
    mkdirSync(folder)
    const names = { ...shortlist(), assert, folder }
    await new AsyncFunction(...Object.keys(names), code)(...Object.values(names))
  })
}

for (const { declared, code } of docs.filter((one) => one.code)) runs(`the example of ${declared}`, code)

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
for (const [at, [, code]] of [...readme.matchAll(/```js\n([^]*?)```/g)].entries()) runs(`example ${at + 1} of the README`, code)

test('every method has an example, or is the twin of one that has', () => {
  const { Engine } = shortlist()
  const isMethod = (of, name) => typeof Object.getOwnPropertyDescriptor(of, name).value === 'function'
  const of = (object) => Object.getOwnPropertyNames(object).filter((name) => isMethod(object, name))
  const reader = Object.getPrototypeOf(Engine.prototype)
  const methods = [...of(Engine), ...of(Engine.prototype), ...of(reader)].filter((name) => name !== 'constructor' && name !== 'prototype')
  const shown = docs.filter((one) => one.code).map((one) => one.declared)
  const bare = methods.filter((name) => !shown.includes(name) && !(name.endsWith('Sync') && shown.includes(name.slice(0, -4))))
  assert.deepEqual(bare, [])
})
