'use strict'

// What is read: of the whole engine, or of what one tenant sees.

const { setImmediate: turn } = require('node:timers/promises')
const native = require('./native')
const { errorOf } = require('./errors')
const { idsOf, assemble } = require('./listings')
const { TURN } = require('./port')
const { Pages } = require('./pages')
const { collected } = require('./batch')
const { BYTES, IDS, OBJECTS, OP, call, later, now, start, text } = require('./call')
const { parts } = require('./wire')

const answerOf = (text) => assemble(JSON.parse(text), false)
const oneOf = (text) => assemble(JSON.parse(text), true)

function answersOf(many) {
  const answers = []
  for (let text = many.next(); text !== null; text = many.next()) answers.push(oneOf(text))
  return answers
}

/** The same, a slice at a time. */
async function answersInTurns(many) {
  const answers = []
  let end = performance.now() + TURN
  for (let text = many.next(); text !== null; text = many.next()) {
    answers.push(oneOf(text))
    if (performance.now() > end) {
      await turn()
      end = performance.now() + TURN
    }
  }
  return answers
}
const bytesOf = (bytes) => bytes
const parsed = (text) => JSON.parse(text)
const profilesOf = (found) => found.map(([text, embedding]) => profileOf(text, embedding))
const firstProfileOf = (found) => profilesOf(found)[0]

function profileOf(text, embedding) {
  if (text === '') return null
  const profile = JSON.parse(text)
  profile.embedding = embedding ?? null
  return profile
}

/** The form that a request asks for its answer in, and the request without that. */
function selected(request) {
  if (typeof request !== 'object' || request === null || request.select === undefined) return [request, OBJECTS, answerOf]
  const { select, ...rest } = request
  if (select === 'ids') return [rest, IDS, idsOf]
  if (select === 'listings') return [rest, OBJECTS, answerOf]
  throw errorOf(native.outOfRange('select', String(select).slice(0, 60), '`ids` or `listings`'))
}

/** A bare id asks for the advisors that are like it. */
function similarOf(request) {
  return typeof request === 'string' ? { id: request } : request
}

class Reader {
  // Searches

  search(request = {}, options) {
    return later(() => {
      const [asked, form, finish] = selected(request)
      return start(this, OP.search, form, parts(asked, 'search request'), finish, options)
    })
  }

  searchSync(request = {}) {
    return now(() => {
      const [asked, form, finish] = selected(request)
      return call(this, OP.search, form, parts(asked, 'search request'), finish)
    })
  }

  searchJson(request = {}, options) {
    return later(() => start(this, OP.search, BYTES, parts(request, 'search request'), bytesOf, options))
  }

  searchJsonSync(request = {}) {
    return now(() => call(this, OP.search, BYTES, parts(request, 'search request'), bytesOf))
  }

  searchMany(requests, options) {
    return later(() => start(this, OP.searchMany, OBJECTS, collected(requests, 'search requests'), answersInTurns, options))
  }

  searchManySync(requests) {
    return now(() => call(this, OP.searchMany, OBJECTS, collected(requests, 'search requests'), answersOf))
  }

  facets(request = {}, options) {
    return later(() => start(this, OP.facets, OBJECTS, parts(request, 'search request'), parsed, options))
  }

  facetsSync(request = {}) {
    return now(() => call(this, OP.facets, OBJECTS, parts(request, 'search request'), parsed))
  }

  pages(request = {}, options) {
    return new Pages(this, request, options)
  }

  suggest(request, options) {
    return later(() => start(this, OP.suggest, OBJECTS, parts(request, 'suggest request'), parsed, options))
  }

  suggestSync(request) {
    return now(() => call(this, OP.suggest, OBJECTS, parts(request, 'suggest request'), parsed))
  }

  // Matches

  matchAdvisors(criteria = {}, options) {
    return later(() => {
      const [asked, form, finish] = selected(criteria)
      return start(this, OP.match, form, parts(asked, 'match request'), finish, options)
    })
  }

  matchAdvisorsSync(criteria = {}) {
    return now(() => {
      const [asked, form, finish] = selected(criteria)
      return call(this, OP.match, form, parts(asked, 'match request'), finish)
    })
  }

  matchJson(criteria = {}, options) {
    return later(() => start(this, OP.match, BYTES, parts(criteria, 'match request'), bytesOf, options))
  }

  matchJsonSync(criteria = {}) {
    return now(() => call(this, OP.match, BYTES, parts(criteria, 'match request'), bytesOf))
  }

  matchMany(criteria, options) {
    return later(() => start(this, OP.matchMany, OBJECTS, collected(criteria, 'match requests'), answersInTurns, options))
  }

  matchManySync(criteria) {
    return now(() => call(this, OP.matchMany, OBJECTS, collected(criteria, 'match requests'), answersOf))
  }

  similarTo(request, options) {
    return later(() => start(this, OP.similar, OBJECTS, parts(similarOf(request), 'similar request'), answerOf, options))
  }

  similarToSync(request) {
    return now(() => call(this, OP.similar, OBJECTS, parts(similarOf(request), 'similar request'), answerOf))
  }

  // Profiles

  get(id, options) {
    return later(() => start(this, OP.get, OBJECTS, text(id, 'id'), firstProfileOf, options))
  }

  getSync(id) {
    return now(() => call(this, OP.get, OBJECTS, text(id, 'id'), firstProfileOf))
  }

  getMany(ids, options) {
    return later(() => start(this, OP.getMany, OBJECTS, text(ids, 'ids'), profilesOf, options))
  }

  getManySync(ids) {
    return now(() => call(this, OP.getMany, OBJECTS, text(ids, 'ids'), profilesOf))
  }
}

module.exports = { Reader, parsed }
