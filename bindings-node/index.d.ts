/// <reference types="node" />

/** The version of the engine inside this package. */
export declare function version(): string

// Schemas

/** The kinds that an attribute can be of, with what a profile holds under each. */
export interface AttributeKinds {
  /** One value or several, filtered on and counted. */
  keywords: string | readonly string[]
  /** A number. */
  number: number
  /** True or false. */
  bool: boolean
  /** A moment, as RFC 3339 has it. */
  date: string | Date
  /** Words to search in. */
  text: string
  /** A point on the earth. */
  geo: GeoPoint
  /** When somebody is free. */
  availability: Availability
}

export type AttributeKind = keyof AttributeKinds

/** A point on the earth, in degrees. */
export interface GeoPoint {
  lat: number
  lon: number
}

/** Times of a day, in whole quarter hours from 00:00 to 24:00. */
export interface Slot {
  from: string
  to: string
}

/** Free time: a week that repeats, what single dates add, and what is busy whatever else is said. */
export interface Availability {
  weekly?: readonly (Slot & { day: 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun' })[]
  dates?: readonly (Slot & { date: string })[]
  /** A date without times is the whole day. */
  busy?: readonly (Partial<Slot> & { date: string })[]
  /** `UTC`, or how far local time is ahead: `+01:00`. */
  timeZone?: string
}

/**
 * What an index holds beside the built-in fields. Given in code, it types `attributes` in filters, sorts, facets and hits.
 *
 * ```js
 * const engine = Engine.inMemory({ schema: { attributes: { languages: 'keywords', remote: 'bool' } } })
 * await engine.upsert({ id: 'ada', attributes: { languages: ['French'], remote: true } })
 * const page = await engine.search({ scope: 'all', filter: { 'attributes.languages': 'French' } })
 * assert.equal(page.total, 1)
 * ```
 */
export interface Schema {
  readonly attributes?: Readonly<Record<string, AttributeKind>>
  /** Dimensions of the embeddings; else the first embedding says. */
  readonly dimension?: number | null
  /** How text is read: `english` (stemming, stop words), another language, or `none`. */
  readonly language?: string
  /** What a word weighs by where it stands; 3, 2, 2, 1, 1. */
  readonly textWeights?: {
    readonly professionalTitle?: number
    readonly headline?: number
    readonly keywords?: number
    readonly bio?: number
    readonly attributes?: number
  }
  /** Whether an attribute that is not declared is declared by its first value. */
  readonly inferAttributes?: boolean
  /** The embedder of the index; `{ name: 'shortlist-hash-1', dimension }` is built in. */
  readonly embedder?: { readonly name: string; readonly dimension: number } | null
  readonly synonyms?: readonly SynonymRule[]
}

/** Attributes to add, by name: a kind, or a kind and where in the details the values are, where that is not the name. */
export interface SchemaChange {
  readonly add?: Readonly<Record<string, AttributeKind | { readonly kind: AttributeKind; readonly from?: string }>>
  /** Names of attributes that go. */
  readonly remove?: readonly string[]
}

/** Words that stand for each other (a list), or words that others stand for (one way). */
export type SynonymRule = readonly string[] | { readonly from: string | readonly string[]; readonly to: string | readonly string[] }

/** The attributes that a schema declares, by name; any, where it is not given in code. */
type Attributes<S> = S extends { readonly attributes: infer A extends Readonly<Record<string, AttributeKind>> } ? A : Readonly<Record<string, AttributeKind>>
type NamesOf<S> = keyof Attributes<S> & string
type OfKind<S, K extends AttributeKind> = { [N in NamesOf<S>]: K extends Attributes<S>[N] ? `attributes.${N}` : never }[NamesOf<S>]

/** What a profile holds under `attributes`. */
export type AttributeValues<S extends Schema = Schema> = { [N in NamesOf<S>]?: AttributeKinds[Attributes<S>[N]] | null }
/** What an answer shows under `attributes`: keywords as lists, moments as text. */
export type ShownAttributes<S extends Schema = Schema> = { readonly [N in NamesOf<S>]?: Shown<Attributes<S>[N]> }
type Shown<K extends AttributeKind> = { keywords: readonly string[]; number: number; bool: boolean; date: string; text: string; geo: GeoPoint; availability: Availability }[K]

// Profiles

/** An embedding: a `Float32Array` crosses as it lies in memory, anything else is converted first. */
export type Embedding = Float32Array | readonly number[] | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array

/** A moment, as RFC 3339 has it. */
export type Moment = string | Date

/** One expert of the marketplace, as it is written. */
export interface AdvisorProfile<S extends Schema = Schema> {
  /** 1 to 64 bytes, unique. */
  id: string
  userId?: string | null
  professionalTitle?: string | null
  headline?: string | null
  bio?: string | null
  industries?: readonly string[] | null
  services?: readonly string[] | null
  certifications?: readonly string[] | null
  /** Money an hour, 0 or more. */
  hourlyRate?: number | null
  /** Money a month, 0 or more. */
  monthlyRetainerMin?: number | null
  yearsExperience?: number | null
  totalReviews?: number | null
  currentClients?: number | null
  /** 15 where it is not given. */
  maxClients?: number | null
  /** 0 to 5. */
  overallRating?: number | null
  /** `pending` where it is not given; the marketplace shows `active`. */
  marketplaceStatus?: string | null
  isVerified?: boolean | null
  /** True where it is not given. */
  isAvailable?: boolean | null
  createdAt?: Moment | null
  updatedAt?: Moment | null
  /** Whoever has one is never found; `get` still gives it. */
  deletedAt?: Moment | null
  profileImageUrl?: string | null
  embedding?: Embedding | null
  attributes?: AttributeValues<S> | null
  /** Any JSON, up to 256 KiB, given back by `get`. */
  details?: unknown
}

/** A profile as the index holds it, every field there. */
export interface StoredProfile<S extends Schema = Schema> {
  id: string
  userId: string | null
  professionalTitle: string | null
  headline: string | null
  bio: string | null
  industries: string[]
  services: string[]
  certifications: string[]
  hourlyRate: number | null
  monthlyRetainerMin: number | null
  yearsExperience: number | null
  totalReviews: number
  currentClients: number
  maxClients: number
  overallRating: number
  marketplaceStatus: string
  isVerified: boolean
  isAvailable: boolean
  createdAt: string | null
  updatedAt: string | null
  deletedAt: string | null
  profileImageUrl: string | null
  embedding: Float32Array | null
  attributes: ShownAttributes<S>
  details: unknown
}

/** The fields to change, null for one to clear; attributes one by one. */
export type ProfilePatch<S extends Schema = Schema> = Partial<Omit<AdvisorProfile<S>, 'id'>> & {
  /** Applied only where this holds of the profile; else the whole batch is refused. */
  if?: Filter<S>
}

/** The fields that a list page shows. */
export type ListingField =
  | 'id' | 'userId' | 'professionalTitle' | 'headline' | 'yearsExperience' | 'industries' | 'services' | 'hourlyRate' | 'monthlyRetainerMin'
  | 'overallRating' | 'totalReviews' | 'currentClients' | 'maxClients' | 'profileImageUrl' | 'isAvailable'

/** A field of an answer: a built-in one, or one attribute. */
export type Field<S extends Schema = Schema> = keyof StoredProfile | `attributes.${NamesOf<S>}`

type ValueOf<S extends Schema, F> = F extends 'embedding'
  ? readonly number[] | null
  : F extends keyof StoredProfile<S>
    ? StoredProfile<S>[F] extends (infer T)[]
      ? readonly T[]
      : StoredProfile<S>[F]
    : F extends `attributes.${infer N extends NamesOf<S>}`
      ? Shown<Attributes<S>[N]> | null
      : never

/** What an answer shows of a profile. Shared by all answers that show it, so it is frozen. */
export type Listing<S extends Schema = Schema, F extends Field<S> = ListingField> = { readonly [N in F]: ValueOf<S, N> }

// Filters

type NumberField<S> = 'hourlyRate' | 'monthlyRetainerMin' | 'yearsExperience' | 'totalReviews' | 'currentClients' | 'maxClients' | 'overallRating' | OfKind<S, 'number'>
type DateField<S> = 'createdAt' | 'updatedAt' | 'deletedAt' | OfKind<S, 'date'>
type KeywordField<S> = 'industries' | 'services' | 'certifications' | 'marketplaceStatus' | OfKind<S, 'keywords'>
type FlagField<S> = 'isVerified' | 'isAvailable' | OfKind<S, 'bool'>
type OtherField<S> = 'id' | 'userId' | 'professionalTitle' | 'headline' | 'bio' | 'profileImageUrl' | 'embedding' | 'details' | 'attributes' | OfKind<S, 'text'>

/** Whether a field has a value. */
export interface Exists {
  exists?: boolean
}

/** Tests of a number, or of a moment; several hold together. `{ field }` compares with another field of the profile. */
export interface Comparison<V, F extends string = string> extends Exists {
  eq?: V | { field: F }
  gt?: V | { field: F }
  gte?: V | { field: F }
  lt?: V | { field: F }
  lte?: V | { field: F }
}

/** Tests of keywords. */
export interface KeywordTest extends Exists {
  anyOf?: readonly string[] | string
  allOf?: readonly string[] | string
  noneOf?: readonly string[] | string
}

/** A test of a point. */
export interface GeoTest extends Exists {
  /** Within so many kilometres of a point. */
  near?: GeoPoint & { radiusKm: number }
}

/** A test of free time: so many minutes without a gap between two moments. */
export interface FreeTest extends Exists {
  freeBetween?: readonly [string, string]
  forMinutes?: number
}

/** Which profiles are kept: the keys are ANDed. At most 32 deep and 10,000 values. */
export type Filter<S extends Schema = Schema> = {
  and?: readonly Filter<S>[]
  or?: readonly Filter<S>[]
  not?: Filter<S>
} & { [F in NumberField<S>]?: number | Comparison<number, NumberField<S>> } & {
  [F in DateField<S>]?: Comparison<Moment, DateField<S>>
} & { [F in KeywordField<S>]?: string | readonly string[] | KeywordTest } & { [F in FlagField<S>]?: boolean | Exists } & {
  [F in OfKind<S, 'geo'>]?: GeoTest
} & { [F in OfKind<S, 'availability'>]?: FreeTest } & { [F in OtherField<S>]?: Exists }

/** A field of the same profile, as Prisma refers to one. */
export type FieldReference = { readonly _ref: string; readonly _container?: string } | { readonly modelName: string; readonly name: string }

interface PrismaTests<V> {
  equals?: V | FieldReference | null
  not?: V | PrismaTests<V> | null
  in?: readonly V[]
  notIn?: readonly V[]
  lt?: V | FieldReference
  lte?: V | FieldReference
  gt?: V | FieldReference
  gte?: V | FieldReference
}

interface PrismaListTests {
  has?: string
  hasSome?: readonly string[]
  hasEvery?: readonly string[]
  isEmpty?: boolean
}

type Many<T> = T | readonly T[]

/**
 * A filter as Prisma writes it, so that a query that is there pastes in. A missing value is unlike every value, as in a filter:
 * `not: 5` keeps who has no value, where SQL leaves them out.
 *
 * ```js
 * const engine = Engine.inMemory()
 * await engine.upsert({ id: 'ada', services: ['Audit'], currentClients: 2, maxClients: 3 })
 * const where = { services: { hasSome: ['Audit', 'Tax'] }, currentClients: { lt: { _ref: 'maxClients' } } }
 * assert.equal((await engine.search({ scope: 'all', where })).total, 1)
 * ```
 */
export type Where<S extends Schema = Schema> = {
  AND?: Many<Where<S>>
  OR?: readonly Where<S>[]
  NOT?: Many<Where<S>>
  attributes?: { [N in NamesOf<S>]?: WhereValue<Attributes<S>[N]> }
} & { [F in NumberField<S>]?: WhereValue<'number'> } & { [F in DateField<S>]?: WhereValue<'date'> } & { [F in FlagField<S>]?: WhereValue<'bool'> } & {
  [F in 'industries' | 'services' | 'certifications']?: PrismaListTests
} & { marketplaceStatus?: string | PrismaTests<string> }

type WhereValue<K extends AttributeKind> =
  | null
  | FieldReference
  | { keywords: string | PrismaListTests | PrismaTests<string>; number: number | PrismaTests<number>; bool: boolean | PrismaTests<boolean>; date: Moment | PrismaTests<Moment>; text: never; geo: never; availability: never }[K]

// Searches

/** Which profiles a request looks at; deleted ones never. `marketplace`: active and verified. */
export type Scope = 'marketplace' | 'all'

/** The orders that have a name. */
export type SortName = 'relevance' | 'rating' | 'experience' | 'reviews' | 'newest' | 'priceAsc' | 'priceDesc'

/** One field of an order. Missing values come last whichever the order. */
export interface SortKey<S extends Schema = Schema> {
  field: NumberField<S> | DateField<S> | FlagField<S> | OfKind<S, 'geo'> | 'id'
  order?: 'asc' | 'desc'
  /** For a point: from where the distance is measured. */
  near?: GeoPoint
}

/** What of a field can be counted. */
export type FacetField<S extends Schema = Schema> = KeywordField<S> | FlagField<S> | NumberField<S> | DateField<S>

/** One facet: what is told of a field over the whole result. */
export interface FacetRequest<F extends string = string> {
  field: F
  /** The most values, 1 to 1,000. */
  limit?: number
  /** Only values that have words which begin so. */
  facetQuery?: string
  /** Ascending limits of ranges. */
  buckets?: readonly (number | string)[]
  /** The width of ranges of a number, or of a date. */
  histogram?: number | 'day' | 'week' | 'month' | 'quarter' | 'year'
  /** Least, greatest, mean and count. */
  stats?: boolean
}

/** How hits show where the words of the text were found. */
export interface Highlight<S extends Schema = Schema> {
  fields?: readonly Field<S>[]
  /** 160 characters; 20 to 2,000. */
  fragmentLength?: number
  /** 1 to 10. */
  fragments?: number
  /** `<mark>` */
  before?: string
  /** `</mark>` */
  after?: string
}

/** Pins, hiding, boosts. */
export interface Rules<S extends Schema = Schema> {
  pins?: readonly { id: string; position: number }[]
  hide?: Filter<S>
  /** Factors above 1. */
  boost?: readonly { filter: Filter<S>; factor: number }[]
  /** Factors below 1. */
  bury?: readonly { filter: Filter<S>; factor: number }[]
}

/** A list page or a text search; every part is optional. */
export interface SearchRequest<S extends Schema = Schema, F extends Field<S> = Field<S>, G extends FacetField<S> = FacetField<S>> {
  /** Words to find: ANDed, `"quoted phrases"`, `-excluded`, `or`. At most 1,024 bytes. */
  text?: string
  textMatch?: 'all' | 'any'
  /** Tolerates one edit in words of five letters and more, two from nine. */
  typos?: boolean
  typosInFirstLetter?: boolean
  /** Completes the last word. */
  prefix?: boolean
  filter?: Filter<S>
  /** A filter as Prisma writes it, ANDed with `filter`. */
  where?: Where<S>
  scope?: Scope
  industries?: readonly string[] | string
  services?: readonly string[] | string
  minRating?: number
  maxHourlyRate?: number
  availability?: 'available' | 'any'
  sort?: SortName | readonly (SortKey<S> | SortKey<S>['field'])[]
  /** 1 to 1,000; 20. */
  limit?: number
  /** `nextCursor` of the page before. */
  cursor?: string | null
  /** `previousCursor` of the page after. */
  before?: string | null
  facets?: readonly (G | FacetRequest<G>)[]
  /** Leaves a field's own condition out of its own counts. */
  disjunctive?: boolean
  /** The fields of each hit, instead of the listing. */
  fields?: readonly F[]
  embedding?: Embedding
  /** How the rankings of text and embedding are joined. */
  fusion?: 'auto' | 'rrf' | { weighted: number }
  /** Gives up after that many milliseconds. */
  timeoutMs?: number
  /** Takes a kept answer that is at most so old, also where changes have made another of it. */
  maxStalenessMs?: number
  /** Answers from this generation or a later one: what a write gave, so that it is seen also where another process reads. */
  atLeast?: number
  /** Adds the plan to the answer. */
  explain?: boolean
  highlight?: boolean | Highlight<S>
  rules?: string | Rules<S>
  /** `ids` for ids and scores alone. */
  select?: 'listings' | 'ids'
}

/** One hit: the listing, and what is said of it in this answer. */
export type Hit<S extends Schema = Schema, F extends Field<S> = ListingField> = Listing<S, F> & {
  /** The relevance, where the order is by relevance. */
  readonly score?: number
  /** In kilometres, where the order is by distance. */
  readonly distanceKm?: number | null
  /** Whether rules pinned it to its place. */
  readonly pinned?: boolean
  /** Fragments by field, where they were asked for. */
  readonly highlights?: Readonly<Record<string, readonly string[]>>
}

export interface FacetCount {
  value: string
  count: number
}

/** The profiles with `from <= value < to`. */
export interface FacetBucket {
  from: number | string | null
  to: number | string | null
  count: number
}

/** What was asked for of a field. */
export interface FacetSummary {
  values?: FacetCount[]
  rest?: { values: number; count: number }
  missing?: number
  buckets?: FacetBucket[]
  histogram?: FacetBucket[]
  stats?: { count: number; min: number | string | null; max: number | string | null; mean: number | string | null }
}

/** The path that a request took, and what it cost in rows. */
export interface PlanReport {
  path: string
  why: string
  considered: number
  bounded: number
  coded: number
  dotted: number
  cells?: number
}

interface Answered {
  /** The plan, where it was asked for. */
  explain?: PlanReport
  /** The generation that answered. */
  generation: number
  /** Microseconds inside the engine. */
  tookUs: number
}

interface Found<G extends string> extends Answered {
  /** How many profiles the request finds; exact. */
  total: number
  nextCursor: string | null
  previousCursor: string | null
  facets: Facets<G>
  /** Where nothing is found: the text with other words, so that something is. */
  didYouMean?: string
}

/** What was counted, by field. */
export type Facets<G extends string = string> = { [N in G]: FacetCount[] | FacetSummary }

/** The answer to a search. */
export interface SearchAnswer<S extends Schema = Schema, F extends Field<S> = ListingField, G extends string = string> extends Found<G> {
  hits: Hit<S, F>[]
}

/** The answer to a search for ids: no listing is read. */
export interface SearchIds<G extends string = string> extends Found<G> {
  ids: string[]
  /** By place; NaN where a hit has none. */
  scores: Float64Array
}

/** The pages of a search, one after the other. */
export interface Pages<S extends Schema, F extends Field<S>, G extends string> extends AsyncIterable<SearchAnswer<S, F, G>> {
  /** The hits of all pages. */
  hits(): AsyncIterableIterator<Hit<S, F>>
}

// Matches

/** What a client needs. What it does not ask for leaves the score. */
export interface ClientCriteria<S extends Schema = Schema, F extends Field<S> = Field<S>> {
  industries?: readonly string[] | string
  requiredServices?: readonly string[] | string
  /** All of the services, not one of them. */
  requireAll?: boolean
  maxBudget?: number
  minRating?: number
  /** The need in words, where the index embeds text itself. */
  text?: string
  embedding?: Embedding
  filter?: Filter<S>
  /** A filter as Prisma writes it, ANDed with `filter`. */
  where?: Where<S>
  excludeIds?: readonly string[]
  certifications?: readonly string[]
  attributes?: Readonly<Record<string, readonly string[] | string>>
  /** 0.6, 0.3, 0.1. */
  weights?: { similarity?: number; business?: number; rating?: number }
  businessWeights?: { industries?: number; services?: number; experience?: number; budget?: number; capacity?: number; certifications?: number; attributes?: number }
  rating?: 'mean' | 'bayesian'
  /** 1 to 1,000; 20. */
  limit?: number
  /** Re-ranks by maximal marginal relevance: 0 (spread) to 1 (score alone). */
  diversity?: number
  /** At most so many matches for each value of a field. */
  maxPer?: Many<{ field: KeywordField<S> | 'userId'; count: number }>
  /** -1 to 1. */
  minScore?: number
  /** Loosens the hard filter where too few pass. */
  relax?: boolean
  /** Forces the exact path. */
  exact?: boolean
  /** Asks for the approximate path. */
  approximate?: boolean
  exactBudgetMs?: number
  rules?: string | Rules<S>
  fields?: readonly F[]
  timeoutMs?: number
  maxStalenessMs?: number
  atLeast?: number
  explain?: boolean
  /** `ids` for ids and scores alone. */
  select?: 'listings' | 'ids'
}

/** One part of a score. */
export interface Part {
  name: 'similarity' | 'industries' | 'services' | 'experience' | 'budget' | 'capacity' | 'certifications' | 'attributes' | 'rating' | 'rules'
  value: number
  weight: number
  contribution: number
}

/** What a score is made of. */
export interface Breakdown {
  similarity: number | null
  business: number | null
  rating: number | null
  parts: Part[]
}

export interface AdvisorMatch<S extends Schema = Schema, F extends Field<S> = ListingField> {
  advisorId: string
  score: number
  breakdown: Breakdown
  /** Why the advisor fits, for a person. */
  reasons: string[]
  /** What had to be loosened for this advisor to pass. */
  relaxed?: string[]
  pinned?: boolean
  listing: Listing<S, F>
}

interface Matched extends Answered {
  /** How many advisors passed the hard filter. */
  considered: number
  /** What was loosened, step by step. */
  relaxed?: string[]
  /** Whether this is the true top. */
  exact: boolean
}

/** The answer to a match: the true top of the whole filtered catalogue by the full score. */
export interface MatchAnswer<S extends Schema = Schema, F extends Field<S> = ListingField> extends Matched {
  matches: AdvisorMatch<S, F>[]
}

/** The answer to a match for ids. */
export interface MatchIds extends Matched {
  ids: string[]
  scores: Float64Array
}

/** Which advisors are like one. */
export interface SimilarRequest<S extends Schema = Schema, F extends Field<S> = Field<S>> {
  id: string
  filter?: Filter<S>
  where?: Where<S>
  scope?: Scope
  limit?: number
  fields?: readonly F[]
  timeoutMs?: number
  explain?: boolean
}

export interface SimilarAnswer<S extends Schema = Schema, F extends Field<S> = ListingField> extends Answered {
  similar: { advisorId: string; similarity: number; listing: Listing<S, F> }[]
  considered: number
  exact: boolean
}

/** What somebody has typed so far. */
export interface SuggestRequest<S extends Schema = Schema> {
  text: string
  kinds?: readonly ('titles' | 'services' | 'industries' | 'words')[]
  /** Of each kind, 1 to 50; 5. */
  limit?: number
  typos?: boolean
  filter?: Filter<S>
  where?: Where<S>
  scope?: Scope
  timeoutMs?: number
}

export interface SuggestAnswer {
  suggestions: { text: string; kind: 'titles' | 'services' | 'industries' | 'words'; count: number }[]
  generation: number
  tookUs: number
}

// The index

/** What a batch did. */
export interface Applied {
  /** Every read from now on is of this generation or a later one. */
  generation: number
  /** How many profiles the batch named. */
  changes: number
}

export interface SectionSize {
  name: string
  bytes: number
}

/** One place of an advisor's capacity that is held. */
export interface Hold {
  id: number
  advisorId: string
  /** When it lapses by itself. */
  until: string
}

/** What an index holds. */
export interface Stats {
  generation: number
  profiles: number
  inMarketplace: number
  embedded: number
  dimension: number | null
  embedder: string | null
  attributes: string[]
  tombstones: number
  memory: SectionSize[]
  /** What is kept in the directory, where the engine owns one. */
  keeping: KeepingStats | null
  /** What was not as it should be in the directory, and did no harm so far. */
  warnings: string[]
}

/** What an engine keeps in its directory. */
export interface KeepingStats {
  durability: 'synced' | 'buffered' | 'none'
  snapshotGeneration: number | null
  journalBytes: number
  journalGeneration: number
  syncedGeneration: number
  foldedGeneration: number | null
  keptAfterGeneration: number
  journalBroken: boolean
}

export interface SnapshotReport {
  path: string
  bytes: number
  seconds: number
}

export interface VerifyReport {
  profiles: number
  sections: SectionSize[]
}

/** How values are distributed. */
export interface Distribution {
  count: number
  sum: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** What an engine has done since it was opened. */
export interface Metrics {
  requests: { kind: string; path: string; tookUs: Distribution; considered: Distribution }[]
  errors: { kind: string; code: string; count: number }[]
  generation: number
  generationAgeS: number
  /** Answers that were kept, and given again. */
  cache: { hits: number; misses: number; passed: number; stale: number; evictions: number; entries: number; bytes: number; capacityBytes: number }
  /** Batches that wait for the writer, and how long its steps took, in microseconds. */
  writer: { waiting: number; queueUs: Distribution; applyUs: Distribution; journalUs: Distribution; snapshotUs: Distribution }
  memory: SectionSize[]
  slow: number
}

/** A request that took long. */
export interface SlowRequest {
  /** When it was answered, in milliseconds since 1970. */
  atMs: number
  kind: string
  path: string
  tookUs: number
  considered: number
  generation: number
  error: string | null
  /** The request in its wire form. */
  request: string
}

/** How an engine is made or opened. */
export interface EngineOptions<S extends Schema = Schema> {
  /** Of a new index; one that is opened has its own. Given then, it only types. */
  schema?: S
  /** Whether `open` makes a new index in a directory that is empty or not there. */
  create?: boolean
  /** The most bytes that answers may take which are kept to be given again; 0 keeps none. 32 MiB. */
  cacheBytes?: number
  /** From how many milliseconds on `slowRequests` has a request. 100. */
  slowRequestMs?: number
  /** Whether slow requests are kept without texts, values, ids and cursors. */
  redactSlowRequests?: boolean
  /**
   * When a change is on the disk: before its promise is fulfilled (`synced`, the default), at most so many milliseconds after, or when the
   * system writes it. The death of the process takes nothing under any of them.
   */
  durability?: 'synced' | 'none' | { bufferedMs: number }
  /** After how many commits a snapshot is taken by itself; null for never. 100,000. */
  snapshotAfterCommits?: number | null
  /** How long after a commit at the latest; null for never. Ten minutes. */
  snapshotAfterMs?: number | null
  /** How many commits the journal keeps at least, for those who follow it. 10,000. */
  window?: number
  /** Whether a thread of the engine keeps the index in shape. True. */
  background?: boolean
  /** From how many milliseconds on a match takes the approximate path; `Infinity` for never. 50. */
  exactBudgetMs?: number
}

/** What a call may be told. */
export interface CallOptions {
  /** Calls it off: the promise is rejected with the signal's reason, and the engine stops. */
  signal?: AbortSignal
}

/** What is read: of a whole engine, or of what one tenant sees. */
export interface Reader<S extends Schema = Schema> {
  /**
   * A list page or a text search. A request that names `fields` gets these, one that selects `ids` gets ids and scores.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada', bio: 'Clean audits' }, { id: 'ben' }])
   * const page = await engine.search({ text: 'audit', scope: 'all', fields: ['id', 'bio'], facets: ['services'] })
   * assert.equal(page.hits[0].bio, 'Clean audits')
   * const { ids } = await engine.search({ scope: 'all', select: 'ids' })
   * assert.deepEqual(ids, ['ada', 'ben'])
   * ```
   */
  search<const G extends FacetField<S> = never>(request: SearchRequest<S, Field<S>, G> & { select: 'ids' }, options?: CallOptions): Promise<SearchIds<G>>
  search<const F extends Field<S> = ListingField, const G extends FacetField<S> = never>(request?: SearchRequest<S, F, G>, options?: CallOptions): Promise<SearchAnswer<S, F, G>>
  searchSync<const G extends FacetField<S> = never>(request: SearchRequest<S, Field<S>, G> & { select: 'ids' }): SearchIds<G>
  searchSync<const F extends Field<S> = ListingField, const G extends FacetField<S> = never>(request?: SearchRequest<S, F, G>): SearchAnswer<S, F, G>

  /**
   * As `search`, as the bytes of an HTTP response: put together from listings that the engine keeps in this form.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada' })
   * const body = await engine.searchJson({ scope: 'all' })
   * assert.equal(JSON.parse(body).hits[0].id, 'ada')
   * ```
   */
  searchJson(request?: SearchRequest<S>, options?: CallOptions): Promise<Buffer>
  searchJsonSync(request?: SearchRequest<S>): Buffer

  /**
   * The searches that make up one page of a site, answered from one generation. Where one is refused, its error stands in its
   * place.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const [page, refused] = await engine.searchMany([{ limit: 3 }, { limit: 3, sort: [{ field: 'isVerified' }, { field: 'nothing' }] }])
   * assert.equal(page.total, 0)
   * assert.equal(refused.code, 'SL1001')
   * ```
   */
  searchMany(requests: readonly SearchRequest<S>[], options?: CallOptions): Promise<(SearchAnswer<S, Field<S>> | ShortlistError)[]>
  searchManySync(requests: readonly SearchRequest<S>[]): (SearchAnswer<S, Field<S>> | ShortlistError)[]

  /**
   * What a search counts, without its page: the facets of the request by field.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', services: ['Audit'] })
   * const { services } = await engine.facets({ scope: 'all', facets: ['services'] })
   * assert.deepEqual(services, [{ value: 'Audit', count: 1 }])
   * ```
   */
  facets<const G extends FacetField<S> = never>(request?: SearchRequest<S, Field<S>, G>, options?: CallOptions): Promise<Facets<G>>
  facetsSync<const G extends FacetField<S> = never>(request?: SearchRequest<S, Field<S>, G>): Facets<G>

  /**
   * The pages of a search, one after the other; each is asked for when it is wanted.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada' }, { id: 'ben' }, { id: 'cat' }])
   * const ids = []
   * for await (const page of engine.pages({ scope: 'all', limit: 2 })) ids.push(page.hits.length)
   * assert.deepEqual(ids, [2, 1])
   * ```
   */
  pages<const F extends Field<S> = ListingField, const G extends FacetField<S> = never>(request?: SearchRequest<S, F, G>, options?: CallOptions): Pages<S, F, G>

  /**
   * Completes a text as it is typed.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', professionalTitle: 'Fractional CFO' })
   * const { suggestions } = await engine.suggest({ text: 'fract', scope: 'all' })
   * assert.equal(suggestions[0].text, 'Fractional CFO')
   * ```
   */
  suggest(request: SuggestRequest<S>, options?: CallOptions): Promise<SuggestAnswer>
  suggestSync(request: SuggestRequest<S>): SuggestAnswer

  /**
   * The advisors that fit a client's need best: the true top of the whole filtered catalogue by the full score.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const advisor = (id, embedding) => ({ id, embedding, marketplaceStatus: 'active', isVerified: true })
   * await engine.upsert([advisor('ada', new Float32Array([1, 0])), advisor('ben', new Float32Array([0, 1]))])
   * const { matches, exact } = await engine.matchAdvisors({ embedding: new Float32Array([0.1, 1]) })
   * assert.deepEqual([matches[0].advisorId, exact], ['ben', true])
   * ```
   */
  matchAdvisors(criteria: ClientCriteria<S> & { select: 'ids' }, options?: CallOptions): Promise<MatchIds>
  matchAdvisors<const F extends Field<S> = ListingField>(criteria?: ClientCriteria<S, F>, options?: CallOptions): Promise<MatchAnswer<S, F>>
  matchAdvisorsSync(criteria: ClientCriteria<S> & { select: 'ids' }): MatchIds
  matchAdvisorsSync<const F extends Field<S> = ListingField>(criteria?: ClientCriteria<S, F>): MatchAnswer<S, F>

  /**
   * As `matchAdvisors`, as the bytes of an HTTP response.
   *
   * ```js
   * const body = await Engine.inMemory().matchJson({ maxBudget: 200 })
   * assert.deepEqual(JSON.parse(body).matches, [])
   * ```
   */
  matchJson(criteria?: ClientCriteria<S>, options?: CallOptions): Promise<Buffer>
  matchJsonSync(criteria?: ClientCriteria<S>): Buffer

  /**
   * Many matches in one generation, worked through in parallel. Where one is refused, its error stands in its place.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const answers = await engine.matchMany([{ maxBudget: 100 }, { maxBudget: 200 }])
   * assert.equal(answers.length, 2)
   * ```
   */
  matchMany(criteria: readonly ClientCriteria<S>[], options?: CallOptions): Promise<(MatchAnswer<S, Field<S>> | ShortlistError)[]>
  matchManySync(criteria: readonly ClientCriteria<S>[]): (MatchAnswer<S, Field<S>> | ShortlistError)[]

  /**
   * The advisors whose embeddings are nearest to that of one, itself left out; exact. A bare id asks for twenty.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada', embedding: [1, 0] }, { id: 'ben', embedding: [1, 1] }])
   * const { similar } = await engine.similarTo({ id: 'ada', scope: 'all' })
   * assert.equal(similar[0].advisorId, 'ben')
   * ```
   */
  similarTo<const F extends Field<S> = ListingField>(request: string | SimilarRequest<S, F>, options?: CallOptions): Promise<SimilarAnswer<S, F>>
  similarToSync<const F extends Field<S> = ListingField>(request: string | SimilarRequest<S, F>): SimilarAnswer<S, F>

  /**
   * The profile of an id, deleted or not; null where the index does not hold it.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', details: { motto: 'On time' } })
   * assert.deepEqual((await engine.get('ada')).details, { motto: 'On time' })
   * assert.equal(await engine.get('ben'), null)
   * ```
   */
  get(id: string, options?: CallOptions): Promise<StoredProfile<S> | null>
  getSync(id: string): StoredProfile<S> | null

  /**
   * As `get` for several ids, in their order, from one generation.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada' })
   * const [ada, ben] = await engine.getMany(['ada', 'ben'])
   * assert.deepEqual([ada.id, ben], ['ada', null])
   * ```
   */
  getMany(ids: readonly string[], options?: CallOptions): Promise<(StoredProfile<S> | null)[]>
  getManySync(ids: readonly string[]): (StoredProfile<S> | null)[]
}

/** An engine as one tenant sees it: a filter holds below everything that is asked of it; who does not fulfil it is not there. */
export declare class Tenant<S extends Schema = Schema> {
  private constructor()
}
export interface Tenant<S extends Schema = Schema> extends Reader<S> {}

/**
 * The whole advisor catalogue in memory, and every request to it.
 *
 * Every method answers by a promise, worked on by threads of the engine's own; those that end in `Sync` answer before they
 * return. A search takes microseconds: `searchSync` spares the hop to another thread and back, and holds up whoever else waits
 * for this one no longer than the search itself. Matches over large catalogues, and everything that writes, belong in a
 * promise.
 *
 * ```js
 * const engine = Engine.inMemory()
 * await engine.upsert([
 *   { id: 'ada', services: ['Tax Planning'], hourlyRate: 150, marketplaceStatus: 'active', isVerified: true },
 *   { id: 'ben', services: ['Audit'], hourlyRate: 90, marketplaceStatus: 'active', isVerified: true },
 * ])
 * const page = await engine.search({ services: ['Audit'], maxHourlyRate: 100 })
 * assert.deepEqual(page.hits.map((hit) => hit.id), ['ben'])
 * const { matches } = await engine.matchAdvisors({ requiredServices: ['Tax Planning'], maxBudget: 200 })
 * assert.equal(matches[0].advisorId, 'ada')
 * await engine.close()
 * ```
 */
export declare class Engine<S extends Schema = Schema> {
  private constructor()

  /**
   * A new, empty index in memory.
   *
   * ```js
   * const engine = Engine.inMemory({ schema: { dimension: 3 } })
   * assert.equal(engine.stats().profiles, 0)
   * ```
   */
  static inMemory<const S extends Schema = Schema>(options?: EngineOptions<S>): Engine<S>

  /**
   * Opens the index of a directory.
   *
   * ```js
   * const made = Engine.inMemory()
   * await made.upsert({ id: 'ada' })
   * await made.snapshot(folder)
   * const engine = await Engine.open(folder)
   * assert.equal((await engine.get('ada')).id, 'ada')
   * ```
   */
  static open<const S extends Schema = Schema>(directory: string | URL, options?: EngineOptions<S>): Promise<Engine<S>>
  static openSync<const S extends Schema = Schema>(directory: string | URL, options?: EngineOptions<S>): Engine<S>

  /**
   * Opens one snapshot, wherever it was carried: read-only.
   *
   * ```js
   * const made = Engine.inMemory()
   * await made.upsert({ id: 'ada' })
   * const { path } = await made.snapshotTo(`${folder}/carried.slx`)
   * assert.ok((await Engine.openSnapshot(path)).isReadOnly)
   * ```
   */
  static openSnapshot<const S extends Schema = Schema>(file: string | URL, options?: EngineOptions<S>): Promise<Engine<S>>
  static openSnapshotSync<const S extends Schema = Schema>(file: string | URL, options?: EngineOptions<S>): Engine<S>

  /**
   * Opens the newest snapshot of a directory that another process writes; `refresh` follows it.
   *
   * ```js
   * await Engine.inMemory().snapshot(folder)
   * const reader = await Engine.openReadOnly(folder)
   * assert.equal(await reader.refresh(), false)
   * ```
   */
  static openReadOnly<const S extends Schema = Schema>(directory: string | URL, options?: EngineOptions<S>): Promise<Engine<S>>
  static openReadOnlySync<const S extends Schema = Schema>(directory: string | URL, options?: EngineOptions<S>): Engine<S>

  /**
   * The engine that another thread of this process opened: its `token` is a number, so it passes in a message.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada' })
   * assert.equal((await Engine.attach(engine.token).get('ada')).id, 'ada')
   * ```
   */
  static attach<const S extends Schema = Schema>(token: number): Engine<S>

  /** What `Engine.attach` finds this engine by, in any thread of the process. */
  readonly token: number
  readonly isClosed: boolean
  /** Whether writes are refused: what was opened is read only. */
  readonly isReadOnly: boolean
  /** What the index holds beside the built-in fields. */
  readonly schema: Schema
  /** The rules that the index keeps, by name. */
  readonly rules: Record<string, Rules<S>>

  /**
   * A handle that sees only who fulfils a filter, and reads.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada', industries: ['Healthcare'] }, { id: 'ben' }])
   * const clinic = engine.forTenant({ industries: 'Healthcare' })
   * assert.deepEqual((await clinic.search({ scope: 'all' })).hits.map((hit) => hit.id), ['ada'])
   * assert.equal(await clinic.get('ben'), null)
   * ```
   */
  forTenant(filter: Filter<S>): Tenant<S>

  /**
   * Adds profiles, or replaces those whose id is known: one or up to 100,000, all of them or none. A long list is read a slice
   * at a time, so that other work has its turn between; it must stay as it is until the promise is fulfilled.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const { changes } = await engine.upsert([{ id: 'ada' }, { id: 'ben', hourlyRate: 90 }])
   * assert.equal(changes, 2)
   * ```
   */
  upsert(profiles: AdvisorProfile<S> | Iterable<AdvisorProfile<S>>, options?: CallOptions): Promise<Applied>
  upsertSync(profiles: AdvisorProfile<S> | readonly AdvisorProfile<S>[]): Applied

  /**
   * Changes single fields of a profile, or of several: all of it or nothing.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada', currentClients: 1 }, { id: 'ben' }])
   * await engine.patch('ada', { currentClients: 2, if: { currentClients: 1 } })
   * await engine.patch([{ id: 'ada', hourlyRate: 120 }, { id: 'ben', hourlyRate: null }])
   * assert.equal((await engine.get('ada')).currentClients, 2)
   * ```
   */
  patch(id: string, fields: ProfilePatch<S>, options?: CallOptions): Promise<Applied>
  patch(patches: readonly ({ id: string } & ProfilePatch<S>)[], options?: CallOptions): Promise<Applied>
  patchSync(id: string, fields: ProfilePatch<S>): Applied
  patchSync(patches: readonly ({ id: string } & ProfilePatch<S>)[]): Applied

  /**
   * Removes profiles for good.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada' }, { id: 'ben' }])
   * await engine.remove(['ada', 'ben'])
   * assert.equal(engine.stats().profiles, 0)
   * ```
   */
  remove(ids: string | readonly string[], options?: CallOptions): Promise<Applied>
  removeSync(ids: string | readonly string[]): Applied

  /**
   * Holds one place of an advisor's capacity for so many milliseconds. Until the hold is confirmed, released or has lapsed, the
   * place counts as taken.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', maxClients: 1 })
   * const hold = await engine.reserve('ada', 600_000)
   * await assert.rejects(engine.reserve('ada', 600_000), { name: 'NoPlaceError' })
   * await engine.confirm(hold)
   * assert.equal((await engine.get('ada')).currentClients, 1)
   * ```
   */
  reserve(id: string, ttlMs: number, options?: CallOptions): Promise<Hold>

  /**
   * Makes a client of a hold.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada' })
   * await engine.confirm(await engine.reserve('ada', 60_000))
   * assert.deepEqual(engine.holds(), [])
   * ```
   */
  confirm(hold: Hold | number, options?: CallOptions): Promise<Applied>

  /**
   * Gives the place of a hold back.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', maxClients: 1 })
   * await engine.release(await engine.reserve('ada', 60_000))
   * assert.equal((await engine.reserve('ada', 60_000)).advisorId, 'ada')
   * ```
   */
  release(hold: Hold | number, options?: CallOptions): Promise<Applied>

  /**
   * The places that are held.
   *
   * ```js
   * assert.deepEqual(Engine.inMemory().holds(), [])
   * ```
   */
  holds(): Hold[]

  /**
   * Declares attributes beside those that the index has.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.declare({ attributes: { remote: 'bool' } })
   * assert.deepEqual(engine.schema.attributes, { remote: 'bool' })
   * ```
   */
  declare(schema: Schema, options?: CallOptions): Promise<Applied>

  /**
   * Adds attributes, whose values the profiles that are there have in their `details`, and removes some, while the index
   * has data. The background reads the values; until that is done, whoever asks for one of them is told how far it is by
   * `BeingIndexedError`. A removed one is refused by name (`RemovedFieldError`).
   *
   * ```js
   * const engine = Engine.inMemory({ background: false })
   * await engine.upsert({ id: 'ada', details: { languages: ['German'] } })
   * await engine.alter({ add: { languages: 'keywords' } })
   * await engine.maintain()
   * const page = await engine.search({ scope: 'all', filter: { 'attributes.languages': 'German' } })
   * assert.equal(page.total, 1)
   * ```
   */
  alter(change: SchemaChange, options?: CallOptions): Promise<Applied>

  /**
   * Changes which words stand for which in searches; the rules before are forgotten.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert({ id: 'ada', professionalTitle: 'Chief Financial Officer' })
   * await engine.setSynonyms([['cfo', 'chief financial officer']])
   * assert.equal((await engine.search({ text: 'cfo', scope: 'all' })).total, 1)
   * ```
   */
  setSynonyms(rules: readonly SynonymRule[], options?: CallOptions): Promise<Applied>

  /**
   * Keeps rules under a name, for requests to name.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.upsert([{ id: 'ada' }, { id: 'ben' }])
   * await engine.setRules('spring', { pins: [{ id: 'ben', position: 1 }] })
   * const page = await engine.search({ scope: 'all', rules: 'spring' })
   * assert.equal(page.hits[0].id, 'ben')
   * ```
   */
  setRules(name: string, rules: Rules<S>, options?: CallOptions): Promise<Applied>

  /**
   * Forgets the rules of that name.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.setRules('spring', {})
   * await engine.removeRules('spring')
   * assert.deepEqual(engine.rules, {})
   * ```
   */
  removeRules(name: string, options?: CallOptions): Promise<Applied>

  /**
   * What the index holds.
   *
   * ```js
   * const { profiles, memory } = Engine.inMemory().stats()
   * assert.equal(profiles, 0)
   * assert.ok(memory.length > 0)
   * ```
   */
  stats(): Stats

  /**
   * What the engine did since it was opened: requests by kind with their times, errors by code, the cache of answers.
   *
   * ```js
   * const engine = Engine.inMemory()
   * engine.searchSync()
   * assert.ok(engine.metrics().requests.length > 0)
   * ```
   */
  metrics(): Metrics

  /**
   * The slowest of the newest requests, those that took `slowRequestMs` and more.
   *
   * ```js
   * const engine = Engine.inMemory({ slowRequestMs: 0 })
   * engine.searchSync({ limit: 3 })
   * assert.ok(engine.slowRequests().length > 0)
   * ```
   */
  slowRequests(): SlowRequest[]

  /**
   * Keeps the index in a directory as one checksummed snapshot.
   *
   * ```js
   * const { bytes } = await Engine.inMemory().snapshot(folder)
   * assert.ok(bytes > 0)
   * ```
   */
  snapshot(directory: string | URL, options?: CallOptions): Promise<SnapshotReport>

  /**
   * Keeps the index in one file, to carry to other machines.
   *
   * ```js
   * const { path } = await Engine.inMemory().snapshotTo(`${folder}/index.slx`)
   * assert.ok(path.endsWith('index.slx'))
   * ```
   */
  snapshotTo(file: string | URL, options?: CallOptions): Promise<SnapshotReport>

  /**
   * Reads everything again: the newest snapshot's checksums, and the invariants in memory. Rejected at the first thing that does
   * not hold.
   *
   * ```js
   * const { profiles } = await Engine.inMemory().verify()
   * assert.equal(profiles, 0)
   * ```
   */
  verify(options?: CallOptions): Promise<VerifyReport>

  /**
   * Takes up the newest snapshot of a directory that was opened read-only, if it is newer than what is being read; says
   * whether it was.
   *
   * ```js
   * assert.equal(await Engine.inMemory().refresh(), false)
   * ```
   */
  refresh(options?: CallOptions): Promise<boolean>

  /**
   * Waits until a generation is there, also in an index that is only read; gives the generation that is.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const { generation } = await engine.upsert({ id: 'ada' })
   * assert.ok(await engine.waitFor(generation, { timeoutMs: 1000 }) >= generation)
   * ```
   */
  waitFor(generation: number, options?: CallOptions & { timeoutMs?: number }): Promise<number>

  /**
   * Does now what the engine's own thread would do in its time.
   *
   * ```js
   * await Engine.inMemory({ background: false }).maintain()
   * ```
   */
  maintain(options?: CallOptions): Promise<void>

  /**
   * Follows the index: every commit is an event that says which profiles it touched, how, and the values of their keyword fields
   * before and after. Events come in the order of generations, each at least once, after what they tell of is visible. Without
   * `after` from now on; with it, from behind that generation, as far back as the journal is kept (`window`), also where an
   * earlier process saw the last. No thread waits, and whoever is slow holds up no writer.
   *
   * ```js
   * const engine = Engine.inMemory()
   * const events = engine.subscribe()
   * await engine.upsert([{ id: 'ada', industries: ['Retail'] }])
   * for await (const event of events) {
   *   if (event.type !== 'changes') continue
   *   assert.deepEqual(event.profiles.map(({ id, kind }) => [id, kind]), [['ada', 'added']])
   *   assert.deepEqual(event.profiles[0].keywords[0], { field: 'industries', old: [], new: ['Retail'] })
   *   break
   * }
   * assert.equal(events.generation, 1)
   * ```
   *
   * Rejected by the reason of `signal` when it is aborted; ended by `break`, `close()`, `await using`, or the end of the engine.
   */
  subscribe(options?: SubscribeOptions): Subscription

  /**
   * Closes the engine for all threads: reads that were begun end, what is asked from now on is refused. Fulfilled once everything that was
   * acknowledged is on the disk.
   *
   * ```js
   * const engine = Engine.inMemory()
   * await engine.close()
   * assert.throws(() => engine.searchSync(), { name: 'ClosedError' })
   * ```
   */
  close(): Promise<void>
  closeSync(): void
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
}
export interface Engine<S extends Schema = Schema> extends Reader<S> {}

// Following the index

/** How an index is followed. */
export interface SubscribeOptions extends CallOptions {
  /** Everything after this generation; else from now on. */
  after?: number
}

/** What happens to an index. */
export type IndexEvent = ChangesEvent | MissedEvent | SourceEvent

/** A generation came. */
export interface ChangesEvent {
  type: 'changes'
  /** The generation that has the changes. */
  generation: number
  /** The profiles that it touched, each once. */
  profiles: ProfileChange[]
  /** What it changed beside profiles. */
  index: IndexChange[]
}

/** What happened to one profile. */
export interface ProfileChange {
  id: string
  /** `held`: a place of its capacity was held, or given back. */
  kind: 'added' | 'updated' | 'removed' | 'held'
  /** Every keyword field in which it has values or had some: a page that lists one of them may be another now. */
  keywords: KeywordChange[]
}

/** The values of a keyword field, before and after. */
export interface KeywordChange {
  /** `industries`, `attributes.languages`. */
  field: string
  old: string[]
  new: string[]
}

/** What changed beside profiles: the schema, synonyms, the rules of a name, how far a source was followed. */
export type IndexChange = { kind: 'schema' } | { kind: 'synonyms' } | { kind: 'rules'; name: string } | { kind: 'source'; name: string }

/** What happened after one generation and up to another is not known any more: whatever was derived from the index is to be derived anew. */
export interface MissedEvent {
  type: 'missed'
  /** The last generation of which everything was told. */
  after: number
  /** Everything after this one is told again. */
  through: number
}

/** A source that feeds the index entered another state. */
export interface SourceEvent {
  type: 'source'
  /** `postgres`. */
  source: string
  state: SyncState['state']
  /** Why, where it waits or failed. */
  error: string | null
}

/**
 * The events of an index, as they come: `Engine.subscribe`.
 *
 * ```js
 * const engine = Engine.inMemory()
 * const events = engine.subscribe()
 * const waiting = events.next()
 * await engine.upsert({ id: 'ada' })
 * assert.equal((await waiting).value.generation, 1)
 * events.close()
 * assert.equal((await events.next()).done, true)
 * ```
 */
export declare class Subscription implements AsyncIterableIterator<IndexEvent, undefined, undefined> {
  private constructor()
  /** The generation up to which every event was handed out: where to go on by `after`. Undefined before the first, where none was given. */
  readonly generation: number | undefined
  next(): Promise<IteratorResult<IndexEvent, undefined>>
  /** Ends it, also for whoever waits for its next event. */
  close(): void
  return(): Promise<IteratorResult<IndexEvent, undefined>>
  [Symbol.asyncIterator](): this
  [Symbol.asyncDispose](): Promise<void>
}

// Following a Postgres

/** Which table and columns make a profile; see the README. */
export interface Mapping {
  table?: string
  query?: string
  /** The column of each field; false to leave a field out. */
  columns?: Record<string, string | false>
  /** The column of each attribute. */
  attributes?: Record<string, string>
  watch?: Record<string, string>
}

/** What a sync is told. */
export interface SyncOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`. A password that it lacks comes from `PGPASSWORD`, `PGPASSFILE` or `~/.pgpass`. */
  url: string
  /** A read replica that the first load reads from. */
  loadUrl?: string
  mapping?: Mapping
  /** Where changes come from: a table that triggers fill, or asking again, or the server's log. */
  source?: 'outbox' | 'poll' | 'replication'
  /** Stops once everything committed at the start is applied. */
  once?: boolean
  /** 250. */
  pollEveryMs?: number
  /** 60,000. */
  compareEveryMs?: number
  /** 2,000. */
  batchRows?: number
}

/** What a sync is doing. */
export type SyncState =
  | { state: 'connecting' | 'catchingUp' | 'live' | 'stopped' }
  | { state: 'loading'; rows: number; of: number; rowsPerSecond: number; secondsLeft: number | null }
  | { state: 'waiting'; retryInSeconds: number; retryAt: string; error: string }
  | { state: 'failed'; error: string }

/** How a sync stands. */
export type SyncStatus = SyncState & {
  source: 'outbox' | 'poll' | 'replication'
  /** Server, port and database; never a password. */
  server: string
  /** How far it is, in the source's words. */
  position: string | null
  upserted: number
  removed: number
  quarantined: number
  lagRows: number
  lagSeconds: number
  replicaLagSeconds: number | null
  replicaLagBytes: number | null
  lastError: string | null
}

/** What a comparison of the index with its table found. */
export interface VerifySummary {
  rows: number
  profiles: number
  quarantined: number
  rangesThatDiffer: number
  different: number
  differences: { id: string; what: string }[]
  repaired: number
}

/**
 * A sync that runs on a thread of its own: it loads the table in bulk and follows every change, and goes on from where it was
 * after whatever broke off.
 *
 * ```js
 * const engine = Engine.inMemory()
 * assert.throws(() => Sync.start(engine, { url: 'mysql://db' }), { name: 'PostgresError' })
 * const sync = Sync.start(engine, { url: 'postgres://nobody@127.0.0.1:1/market' })
 * assert.equal((await sync.until('waiting')).state, 'waiting')
 * assert.equal((await sync.stop()).state, 'stopped')
 * ```
 */
export declare class Sync {
  private constructor()
  static start<S extends Schema>(engine: Engine<S>, options: SyncOptions): Sync
  readonly status: SyncStatus
  /** Rows that make no profile; the first 10,000. */
  readonly quarantined: { id: string; reason: string }[]
  /** Fulfilled in one of these states, or when the sync has ended, or after `timeoutMs`; with the status then. */
  until(states: SyncStatus['state'] | readonly SyncStatus['state'][], options?: CallOptions & { timeoutMs?: number }): Promise<SyncStatus>
  /** Compares the index with the table. */
  verify(options?: { repair?: boolean; tries?: number }): Promise<VerifySummary>
  /** Stops after the batch at hand; gives the last status. */
  stop(): Promise<SyncStatus>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a sync would find in a database. */
export interface CheckReport {
  table: string
  fields: { field: string; column: string | null; kind: string | null; wrong: string | null; remedy: string | null }[]
  rowsTried: number
  rowsWrong: { id: string; reason: string }[]
  outbox: boolean
  /** What the source `replication` needs and does not have. */
  replicationLacks: string[]
  mend: string[]
}

/** What an operator does once in the database that is followed; `shortlist pg` at the command line does the same. */
export declare const postgres: {
  /** Looks whether a mapping fits. */
  check(options: { url: string; mapping?: Mapping; schema?: Schema }): Promise<CheckReport>
  /** Makes the outbox and its triggers, or the publication that `replication` reads. */
  install(options: { url: string; mapping?: Mapping; readers?: readonly string[]; source?: 'outbox' | 'replication' }): Promise<void>
  /** The SQL that `install` runs. */
  installScript(options: { url: string; mapping?: Mapping; readers?: readonly string[]; source?: 'outbox' | 'replication' }): Promise<string>
  /** Takes away what `install` made. */
  uninstall(options: { url: string }): Promise<void>
  uninstallScript(): string
  /** The indexes that polling would want. */
  indexes(options: { url: string; mapping?: Mapping }): Promise<string[]>
  makeIndexes(options: { url: string; mapping?: Mapping }): Promise<number>
}

// Errors

/** Who has to act on an error. */
export type Actor = 'caller' | 'operator' | 'us'

/**
 * Whatever Shortlist refuses or fails at.
 *
 * ```js
 * try {
 *   Engine.inMemory().searchSync({ limit: 5000 })
 *   assert.fail()
 * } catch (error) {
 *   assert.ok(error instanceof ShortlistError && error instanceof CallerError && error instanceof OutOfRangeError)
 *   assert.deepEqual([error.code, error.field, error.value, error.hint], ['SL1003', 'limit', '5000', '1 to 1000'])
 * }
 * ```
 */
export declare class ShortlistError extends Error {
  /** The same in every release and every language. */
  readonly code: string
  readonly actor: Actor
  /** The field that is wrong, where one is. */
  readonly field?: string
  /** The value that is wrong, shortened. */
  readonly value?: string
  /** What would be right. */
  readonly hint?: string
  /** Which entry of a list it is about, from 0. */
  readonly index?: number
}

/** Whoever made the request or the record must change it. */
export declare class CallerError extends ShortlistError {}
/** Whoever runs the process must act. */
export declare class OperatorError extends ShortlistError {}
/** A defect of ours. */
export declare class InternalError extends ShortlistError {}

export declare class UnknownFieldError extends CallerError { readonly code: 'SL1001' }
export declare class WrongTypeError extends CallerError { readonly code: 'SL1002' }
export declare class OutOfRangeError extends CallerError { readonly code: 'SL1003' }
export declare class MissingFieldError extends CallerError { readonly code: 'SL1004' }
export declare class InvalidEmbeddingError extends CallerError { readonly code: 'SL1005' }
export declare class WrongDimensionError extends CallerError { readonly code: 'SL1006' }
export declare class DuplicateIdError extends CallerError { readonly code: 'SL1007' }
export declare class MalformedError extends CallerError { readonly code: 'SL1008' }
export declare class TooLargeError extends CallerError { readonly code: 'SL1009' }
export declare class CursorRefusedError extends CallerError { readonly code: 'SL1010' }
export declare class NotFoundError extends CallerError { readonly code: 'SL1011' }
export declare class EmbedderMismatchError extends CallerError { readonly code: 'SL1012' }
export declare class TimedOutError extends CallerError { readonly code: 'SL1013' }
export declare class EmbeddingsFileError extends CallerError { readonly code: 'SL1014' }
export declare class NotYetError extends CallerError { readonly code: 'SL1020' }
export declare class ConditionNotMetError extends CallerError { readonly code: 'SL1021' }
export declare class ReadOnlyError extends CallerError { readonly code: 'SL1022' }
export declare class BeingIndexedError extends CallerError { readonly code: 'SL1023' }
export declare class RemovedFieldError extends CallerError { readonly code: 'SL1024' }
export declare class CancelledError extends CallerError { readonly code: 'SL1030' }
export declare class NoPlaceError extends CallerError { readonly code: 'SL1040' }
export declare class HoldEndedError extends CallerError { readonly code: 'SL1041' }
export declare class NotAnIndexError extends OperatorError { readonly code: 'SL2001' }
export declare class DamagedError extends OperatorError { readonly code: 'SL2002' }
export declare class NewerFormatError extends OperatorError { readonly code: 'SL2003' }
export declare class IoError extends OperatorError { readonly code: 'SL2004' }
export declare class DiskFullError extends OperatorError { readonly code: 'SL2005' }
export declare class LockedError extends OperatorError { readonly code: 'SL2006' }
export declare class JournalBehindError extends OperatorError { readonly code: 'SL2008' }
export declare class ForkedError extends OperatorError { readonly code: 'SL2009' }
export declare class ClosedError extends OperatorError { readonly code: 'SL2010' }
export declare class EmbedderFailedError extends OperatorError { readonly code: 'SL2040' }
export declare class PostgresError extends OperatorError { readonly code: 'SL2020' }
export declare class MappingError extends OperatorError { readonly code: 'SL2021' }
