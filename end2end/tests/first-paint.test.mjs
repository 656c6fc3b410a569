// What is visible is painted from the HTML: nothing of it waits for the bundle, or is painted anew by it.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hydrated } from '../support/browser.mjs'
import { until } from '../support/sandbox.mjs'
import { setStage } from '../support/stage.mjs'

describe('the largest paint of a page', () => {
  const stage = setStage()
  let server, storageState, session
  before(async () => {
    const one = await stage.setup()
    ;({ server, session } = one)
    storageState = await one.context.storageState()
  })

  for (const [device, viewport] of Object.entries({ phone: { width: 412, height: 823 }, desktop: { width: 1350, height: 940 } })) {
    for (const [name, path] of [['workspace', () => `/sessions/${session}?tab=environment`], ['repositories', () => '/']]) {
      it(`comes before the bundle on the ${name} page of a ${device}`, async () => {
        const { page } = await stage.open({ viewport, storageState })
        await page.addInitScript(() => {
          window.paints = []
          const keep = (list) => window.paints.push(...list.getEntries().map((entry) => entry.element?.outerHTML.slice(0, 200)))
          new PerformanceObserver(keep).observe({ type: 'largest-contentful-paint', buffered: true })
        })
        let letThrough
        const held = new Promise((resolve) => (letThrough = resolve))
        await page.route('**/pkg/*.wasm*', async (route) => (await held, route.continue()))
        await page.goto(server.origin + path(), { waitUntil: 'commit' })
        const paints = () => page.evaluate(() => window.paints)
        await until('something is painted', async () => (await paints()).length > 0)
        // Two frames, so that everything of the HTML is on the screen.
        await page.waitForLoadState('domcontentloaded')
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
        const early = await paints()
        letThrough()
        await hydrated(page)
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
        assert.deepEqual(await paints(), early, 'the bundle paints nothing larger')
        await page.context().close()
      })
    }
  }
})
