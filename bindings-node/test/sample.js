'use strict'

const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { root, shortlist } = require('./addon.js')

const sample = join(root, 'data', 'sample')

/** The profiles of the sample, each with its embedding. */
exports.profiles = () => {
  const { buffer, byteOffset, byteLength } = readFileSync(join(sample, 'profiles.f32'))
  const floats = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength))
  const lines = readFileSync(join(sample, 'profiles.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line, row) => {
    const embedding = floats.subarray(row * 32, (row + 1) * 32)
    return { ...JSON.parse(line), embedding: embedding.every((value) => value === 0) ? null : embedding }
  })
}

exports.schema = () => JSON.parse(readFileSync(join(sample, 'schema.json'), 'utf8'))

/** An engine that holds the sample. */
exports.engine = () => {
  const engine = shortlist().Engine.inMemory({ schema: exports.schema() })
  engine.upsertSync(exports.profiles())
  return engine
}
