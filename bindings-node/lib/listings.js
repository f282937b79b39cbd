'use strict'

// Listings that JavaScript has made objects of, by place and stamp: what the engine knows to be here does not cross
// again. A stamp is never given twice in a process, so what is kept is never out of date; frozen, it is shared by all
// answers that show it.

const { errorOf } = require('./errors')

/** Places that differ by a multiple of this share a slot. */
const SLOTS = 16_384

/** The stamp of the listing in each slot: read by the engine, written here. */
const known = new Float64Array(SLOTS)
const kept = new Array(SLOTS).fill(undefined)

function frozen(listing) {
  Object.freeze(listing.industries)
  Object.freeze(listing.services)
  return Object.freeze(listing)
}

/** The listings of an answer that was taken apart, in its order. */
function listingsOf({ keys, listings }, allSent) {
  const found = new Array(keys.length / 2)
  // First what is here, since what comes may take its slot.
  if (!allSent) {
    for (let i = 0; i < found.length; i++) {
      const slot = keys[2 * i] % SLOTS
      if (known[slot] === keys[2 * i + 1]) found[i] = kept[slot]
    }
  }
  let next = 0
  for (let i = 0; next < listings.length; i++) {
    if (found[i] !== undefined) continue
    const slot = keys[2 * i] % SLOTS
    found[i] = kept[slot] = frozen(listings[next++])
    known[slot] = keys[2 * i + 1]
  }
  return found
}

/** Puts an answer together: `{answer}`, `{keys, listings, answer}` or `{error}`. */
function assemble(parsed, allSent) {
  if (parsed.error !== undefined) return errorOf(parsed.error)
  const { answer } = parsed
  if (parsed.keys === undefined) return answer
  const listings = listingsOf(parsed, allSent)
  if (answer.hits !== undefined) {
    const { hits } = answer
    for (let i = 0; i < hits.length; i++) hits[i] = hits[i] === null ? listings[i] : { ...listings[i], ...hits[i] }
  } else {
    const found = answer.matches ?? answer.similar
    for (let i = 0; i < found.length; i++) found[i].listing = listings[i]
  }
  return answer
}

/** Ids with their scores: no listing is read. */
function idsOf(text) {
  const answer = JSON.parse(text)
  const { ids, scores } = answer
  const numbers = new Float64Array(ids.length)
  if (scores === null) numbers.fill(NaN)
  else for (let i = 0; i < ids.length; i++) numbers[i] = scores[i] ?? NaN
  answer.scores = numbers
  return answer
}

module.exports = { assemble, idsOf, known }
