import { engine } from '../../../lib/engine.js'

/** A list page as JSON: the engine's own bytes, nothing parsed on the way. */
export async function GET(request) {
  const { searchParams } = new URL(request.url)
  const services = searchParams.getAll('service')
  try {
    const body = await (await engine()).searchJson({ services, text: searchParams.get('q') ?? undefined, limit: 20 }, { signal: request.signal })
    return new Response(body, { headers: { 'content-type': 'application/json' } })
  } catch (error) {
    if (error.actor !== 'caller') throw error
    return Response.json({ error }, { status: 400 })
  }
}
