import { engine } from '../lib/engine.js'

export const dynamic = 'force-dynamic'

export default async function Page() {
  const { hits, total } = (await engine()).searchSync({ sort: 'priceAsc' })
  return (
    <main>
      <h1>{total} advisors</h1>
      <ul>
        {hits.map((hit) => (
          <li key={hit.id}>
            {hit.professionalTitle}, {hit.services.join(', ')}: {hit.hourlyRate} an hour
          </li>
        ))}
      </ul>
    </main>
  )
}
