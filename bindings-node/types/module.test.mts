// The same from a module.
import { Engine, UnknownFieldError } from 'shortlist'

const engine = Engine.inMemory()
const page = await engine.search()
page.hits.map((hit) => hit.id satisfies string)
void UnknownFieldError
