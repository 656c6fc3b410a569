// Screenshots of every screen in both themes and two widths, into end2end/results; the README's own one into
// end2end/screenshots. Run by `make screenshots`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasStatus, hydrated, launch, openPage, row } from './support/browser.mjs'
import { VALUES, makeProject } from './support/project.mjs'
import { connect, fill, openTab, signIn } from './support/road.mjs'
import { removeRepository, startServer } from './support/server.mjs'

const results = join(import.meta.dirname, 'results')
const kept = join(import.meta.dirname, 'screenshots')
for (const folder of [results, kept]) mkdirSync(folder, { recursive: true })

const server = await startServer()
const browser = await launch()
const first = await openPage(browser)
await signIn(first.page, server)
await hydrated(first.page)
const empty = await first.context.storageState()
await shoot('first', empty, `${server.origin}/`)
const project = makeProject()
const session = await connect(first.page, project)
await hasStatus(first.page, 'DATABASE_URL', 'missing')
await fill(first.page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
await fill(first.page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY, { scope: 'This session only' })
await row(first.page, 'SESSION_SECRET').getByRole('button', { name: 'Generate SESSION_SECRET' }).click()
await hasStatus(first.page, 'SESSION_SECRET', 'set')

const at = `${server.origin}/sessions/${session}`
await shoot('repositories', empty, `${server.origin}/`)
for (const tab of ['environment', 'info', 'snapshots', 'auto-start']) await shoot(tab, empty, `${at}?tab=${tab}`)
await shoot('finish', empty, at, async (page) => {
  await page.getByRole('button', { name: 'Finish setup' }).click()
  await page.getByRole('dialog').waitFor()
})
await shoot('replace', empty, `${at}?tab=environment`, async (page) => {
  await row(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
  await row(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true }).fill(`it's a "problem"`)
  await row(page, 'DATABASE_URL').getByRole('button', { name: 'Save DATABASE_URL' }).click()
  await row(page, 'DATABASE_URL').getByRole('alert').waitFor()
})
await shoot('not-found', empty, `${server.origin}/no/such/page`)
await shoot('sign-in', undefined, `${server.origin}/sign-in?problem=used`)

const { page } = await openPage(browser, { storageState: empty, deviceScaleFactor: 2, viewport: { width: 1280, height: 800 } })
await page.goto(`${at}?tab=environment`)
await hydrated(page)
await openTab(page, 'Environment')
await page.screenshot({ path: join(kept, 'workspace.png') })

await browser.close()
await server.stop()
server.remove()
removeRepository(project)

async function shoot(name, storageState, url, act = async () => {}) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1280]) {
      const { page, context } = await openPage(browser, { storageState, colorScheme, viewport: { width, height: 860 } })
      await page.goto(url)
      await hydrated(page)
      await act(page)
      await page.screenshot({ path: join(results, `${name}-${colorScheme}-${width}.png`), fullPage: width < 500 })
      await context.close()
    }
  }
}
