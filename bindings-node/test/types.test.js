'use strict'

// index.d.ts against the compiler, and against what the core takes and gives.

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const { existsSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const { root, shortlist } = require('./addon.js')
const sample = require('./sample.js')

const here = join(__dirname, '..')
const declarations = readFileSync(join(here, 'index.d.ts'), 'utf8')
const tsc = join(here, 'node_modules', 'typescript', 'bin', 'tsc')

test('the types accept and refuse what they should', { skip: !existsSync(tsc) && 'typescript is not installed: npm ci' }, () => {
  try {
    execFileSync(process.execPath, [tsc, '--project', join(here, 'types')], { encoding: 'utf8' })
  } catch (failed) {
    assert.fail(failed.stdout)
  }
})

/** The members of an interface or class, with those of what it extends. */
function members(name) {
  const [, head, body] = declarations.match(new RegExp(`(?:interface|class) ${name}\\b([^{]*)\\{\\n([^]*?)\\n\\}`)) ?? assert.fail(name)
  // What stands in angle brackets extends something else.
  let bare = head
  while (/<[^<>]*>/.test(bare)) bare = bare.replace(/<[^<>]*>/g, '')
  const heritage = bare.match(/extends (\w+)/)?.[1]
  const own = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member]) => member)
  return [...own, ...(heritage && declarations.includes(`interface ${heritage}`) ? members(heritage) : [])]
}

/** The names that a part of the core reads from JSON. */
function read(file, start, end) {
  const text = readFileSync(join(root, 'core', 'src', ...file.split('/')), 'utf8')
  const from = text.indexOf(start)
  assert.ok(from >= 0, `${start} in ${file}`)
  const part = text.slice(from, text.indexOf(end, from))
  const named = [...part.matchAll(/(?:fields\s*\.\w+|clearable!|weight|read|list|millis)\(\s*(?:&mut fields, )?"(\w+)"/g)].map(([, name]) => name)
  if (part.includes('Scope::from_fields(')) named.push('scope')
  if (part.includes('RuleSource::take(')) named.push('rules')
  return [...new Set(named)]
}

const ours = ['where', 'select']
const requests = [
  ['SearchRequest', 'api/search.rs', 'pub(crate) fn from_map', 'fields.finish("a search request")'],
  ['ClientCriteria', 'api/criteria.rs', 'pub(crate) fn from_map', 'fields.finish("a match request")'],
  ['SimilarRequest', 'api/similar.rs', 'pub(crate) fn from_map', 'fields.finish('],
  ['SuggestRequest', 'api/suggest.rs', 'fn from_map', 'fields.finish('],
  ['FacetRequest', 'api/facet.rs', 'fn from_map', 'fields.finish('],
  ['Highlight', 'api/highlight.rs', 'fn from_map', 'fields.finish('],
  ['Rules', 'api/rules.rs', 'pub(crate) fn from_map', 'fields.finish('],
  ['Schema', 'api/schema.rs', 'pub(crate) fn from_map', 'fields.finish("a schema")'],
  ['EngineOptions', 'engine/options_json.rs', 'pub fn from_json', 'fields.finish('],
  ['SyncOptions', 'sync/options_json.rs', 'pub fn from_json', 'fields.finish('],
  ['Mapping', 'sync/mapping/mod.rs', 'pub(super) fn from_map', 'fields.finish('],
  ['AdvisorProfile', 'api/profile.rs', 'pub(crate) fn from_map', 'fields.finish('],
]

for (const [name, file, start, end] of requests) {
  test(`${name} has the fields that the core reads`, () => {
    const declared = members(name).filter((member) => !ours.includes(member))
    assert.deepEqual(declared.sort(), read(file, start, end).sort())
  })
}

test('a patch takes the fields of a profile', () => {
  const patched = read('api/profile.rs', 'impl ProfilePatch', 'fields.finish(').filter((name) => name !== 'if')
  assert.deepEqual(patched.sort(), members('AdvisorProfile').filter((name) => name !== 'id').sort())
})

test('answers have the fields that are declared, and no other', async () => {
  const engine = sample.engine()
  const within = (value, name, needed = Object.keys(value)) => {
    const declared = members(name)
    assert.deepEqual(Object.keys(value).filter((key) => !declared.includes(key)), [], name)
    assert.deepEqual(needed.filter((key) => !(key in value)), [], name)
  }
  const page = await engine.search({ text: 'cash', explain: true, highlight: true, facets: ['services', { field: 'hourlyRate', stats: true, buckets: [100], histogram: 50 }, { field: 'industries', limit: 2 }] })
  within(page, 'SearchAnswer', ['hits', 'total', 'nextCursor', 'previousCursor', 'facets', 'explain', 'generation', 'tookUs'])
  within(page.explain, 'PlanReport', ['path', 'why', 'considered', 'bounded', 'coded', 'dotted'])
  within(page.facets.hourlyRate, 'FacetSummary', ['missing', 'buckets', 'histogram', 'stats'])
  within(page.facets.industries, 'FacetSummary', ['values', 'rest'])
  const extras = Object.keys(page.hits[0]).filter((key) => !declarations.match(/type ListingField =([^]*?)\n\n/)[1].includes(`'${key}'`))
  assert.deepEqual(extras, ['score', 'highlights'])
  within(await engine.search({ select: 'ids' }), 'SearchIds', ['ids', 'scores', 'total'])
  const found = await engine.matchAdvisors({ requiredServices: ['Fractional CFO'], explain: true, relax: true, limit: 1000 })
  within(found, 'MatchAnswer', ['matches', 'considered', 'exact', 'explain', 'generation', 'tookUs'])
  within(found.matches[0], 'AdvisorMatch', ['advisorId', 'score', 'breakdown', 'reasons', 'listing'])
  within(found.matches[0].breakdown, 'Breakdown', members('Breakdown'))
  within(found.matches[0].breakdown.parts[0], 'Part', members('Part'))
  within(await engine.matchAdvisors({ select: 'ids' }), 'MatchIds', ['ids', 'scores'])
  within(await engine.similarTo({ id: found.matches[0].advisorId }), 'SimilarAnswer', ['similar', 'considered', 'exact'])
  within(await engine.suggest({ text: 'c' }), 'SuggestAnswer', members('SuggestAnswer'))
  within(engine.stats(), 'Stats', members('Stats'))
  within(engine.metrics(), 'Metrics', members('Metrics'))
  within(await engine.verify(), 'VerifyReport', members('VerifyReport'))
  within(await engine.get('adv-000001'), 'StoredProfile', members('StoredProfile'))
  within(await engine.patch('adv-000001', { totalReviews: 3 }), 'Applied', members('Applied'))
})

test('each kind of error of the core is a class with its code', () => {
  const core = readFileSync(join(root, 'core', 'src', 'model', 'error.rs'), 'utf8')
  const kinds = [...core.matchAll(/Error::(\w+)(?: \{ \.\. \})? => "(SL\d+)"/g)].map(([, kind, code]) => [`${kind}Error`, code])
  assert.ok(kinds.length > 20)
  const classes = shortlist()
  for (const [name, code] of kinds) {
    assert.ok(classes[name]?.prototype instanceof classes.ShortlistError, `${name} of ${code}`)
    if (name === 'InternalError') continue
    assert.match(declarations, new RegExp(`class ${name} extends (Caller|Operator)Error \\{ readonly code: '${code}' \\}`))
    assert.ok(classes[name].prototype instanceof classes[code[2] === '1' ? 'CallerError' : 'OperatorError'], name)
  }
})

test('what is declared is there, for require and for import', async () => {
  const declared = [...declarations.matchAll(/export declare (?:class|function|const) (\w+)/g)].map(([, name]) => name)
  assert.deepEqual(Object.keys(shortlist()).sort(), declared.sort())
  const module_ = await import('../index.mjs')
  assert.deepEqual(Object.keys(module_).sort(), declared)
  for (const name of declared) assert.equal(module_[name], shortlist()[name])
  const { Engine } = shortlist()
  const methods = [Engine, Engine.prototype, Object.getPrototypeOf(Engine.prototype)].flatMap(Object.getOwnPropertyNames)
  for (const name of methods.filter((one) => !['constructor', 'prototype', 'length', 'name'].includes(one))) {
    assert.match(declarations, new RegExp(`^ {2}(static |readonly )?${name}[<(:]`, 'm'), name)
  }
})
