// What the compiler has to accept, and what it has to refuse. Nothing here is run.

import { CallerError, Engine, OutOfRangeError, ShortlistError } from 'shortlist'
import type { AdvisorProfile, FacetCount, FacetSummary, SearchAnswer, StoredProfile } from 'shortlist'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const is = <_T extends true>(): void => {}

const engine = Engine.inMemory({
  schema: { attributes: { languages: 'keywords', rank: 'number', remote: 'bool', since: 'date', approach: 'text', office: 'geo' } },
})

async function searches(): Promise<void> {
  const page = await engine.search({ text: 'tax', filter: { 'attributes.languages': { anyOf: ['French'] }, 'attributes.rank': { gte: 3 } } })
  is<Same<(typeof page.hits)[0]['hourlyRate'], number | null>>()
  is<Same<(typeof page.hits)[0]['industries'], readonly string[]>>()
  is<Same<typeof page.nextCursor, string | null>>()
  // @ts-expect-error a hit without `fields` has no bio
  page.hits[0]?.bio
  // @ts-expect-error hits are shared
  if (page.hits[0]) page.hits[0].hourlyRate = 3

  const shown = await engine.search({ fields: ['id', 'bio', 'attributes.languages', 'attributes.since'], facets: ['industries', { field: 'attributes.remote' }] })
  is<Same<NonNullable<(typeof shown.hits)[0]>['attributes.languages'], readonly string[] | null>>()
  is<Same<NonNullable<(typeof shown.hits)[0]>['attributes.since'], string | null>>()
  is<Same<typeof shown.facets.industries, FacetCount[] | FacetSummary>>()
  is<Same<(typeof shown.facets)['attributes.remote'], FacetCount[] | FacetSummary>>()
  // @ts-expect-error services were not asked for
  shown.facets.services

  const ids = engine.searchSync({ select: 'ids' })
  is<Same<typeof ids.ids, string[]>>()
  is<Same<typeof ids.scores, Float64Array>>()

  for await (const one of engine.pages({ limit: 50 })) is<Same<(typeof one.hits)[0]['id'], string>>()
  for await (const hit of engine.pages({ fields: ['bio'] }).hits()) is<Same<typeof hit.bio, string | null>>()
  is<Same<Awaited<ReturnType<typeof engine.searchJson>>, Buffer>>()

  // @ts-expect-error an unknown field of the request
  await engine.search({ limt: 5 })
  // @ts-expect-error an attribute that is not declared
  await engine.search({ filter: { 'attributes.color': 'red' } })
  // @ts-expect-error a number is not compared with a text
  await engine.search({ filter: { 'attributes.rank': { gte: 'three' } } })
  // @ts-expect-error keywords have no order
  await engine.search({ sort: [{ field: 'attributes.languages' }] })
  // @ts-expect-error no facet of a text
  await engine.search({ facets: ['attributes.approach'] })
  // @ts-expect-error no such order
  await engine.search({ sort: 'cheapest' })
  // @ts-expect-error no such field
  await engine.search({ fields: ['attributes.color'] })
  await engine.search({ sort: [{ field: 'attributes.office', near: { lat: 1, lon: 2 } }, 'attributes.since'] })
  await engine.search({ filter: { and: [{ services: 'Tax' }, { not: { isVerified: true } }], currentClients: { lt: { field: 'maxClients' } } } })
}

async function wheres(): Promise<void> {
  await engine.search({ where: { industries: { hasSome: ['Retail'] }, hourlyRate: { gte: 1, lt: 2 }, NOT: { isVerified: false }, OR: [{ totalReviews: 3 }] } })
  await engine.matchAdvisors({ where: { currentClients: { lt: { _ref: 'maxClients' } }, attributes: { languages: { has: 'French' }, remote: true } } })
  // @ts-expect-error Prisma's text tests have no counterpart
  await engine.search({ where: { headline: { contains: 'x' } } })
  // @ts-expect-error a list is not compared
  await engine.search({ where: { services: { gte: 3 } } })
  // @ts-expect-error an attribute that is not declared
  await engine.search({ where: { attributes: { color: 'red' } } })
}

async function matches(): Promise<void> {
  const answer = await engine.matchAdvisors({ requiredServices: ['Tax'], embedding: new Float32Array(3), weights: { similarity: 1 } })
  is<Same<(typeof answer.matches)[0]['listing']['id'], string>>()
  is<Same<typeof answer.exact, boolean>>()
  const ids = engine.matchAdvisorsSync({ select: 'ids' })
  is<Same<typeof ids.scores, Float64Array>>()
  const [first] = await engine.matchMany([{}, { maxBudget: 3 }])
  if (first instanceof ShortlistError) first.code
  else first?.matches
  // @ts-expect-error a weight that there is not
  await engine.matchAdvisors({ weights: { luck: 1 } })
}

async function writes(): Promise<void> {
  await engine.upsert({ id: 'ada', attributes: { languages: ['French'], remote: true, since: new Date() } })
  await engine.upsert(new Set<AdvisorProfile>([]))
  await engine.patch('ada', { hourlyRate: null, attributes: { rank: 3 }, if: { isVerified: true } })
  const profile = await engine.get('ada')
  is<Same<NonNullable<typeof profile>['attributes']['rank'], number | undefined>>()
  is<Same<NonNullable<typeof profile>['embedding'], Float32Array | null>>()
  // @ts-expect-error an id is needed
  await engine.upsert({ hourlyRate: 3 })
  // @ts-expect-error an attribute of another kind
  await engine.upsert({ id: 'ada', attributes: { rank: 'three' } })
  // @ts-expect-error engines are made by Engine.open and Engine.inMemory
  new Engine()
}

async function anySchema(): Promise<void> {
  const opened = await Engine.open('somewhere')
  const page: SearchAnswer = await opened.search({ filter: { 'attributes.anything': 'goes' } })
  const profile: StoredProfile | null = await opened.get('ada')
  await opened.search({ scope: 'all', limit: 3 }, { signal: new AbortController().signal })
  page.total satisfies number
  profile?.attributes['anything']
}

function errors(error: unknown): string | undefined {
  if (error instanceof OutOfRangeError) is<Same<typeof error.code, 'SL1003'>>()
  return error instanceof CallerError ? error.hint : undefined
}

void [searches, wheres, matches, writes, anySchema, errors]
