// Live apply: what people save reaches every sandbox that runs, also one elsewhere, and the panel says how far it is.
import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { VALUES } from '../support/project.mjs'
import { fill, finishAnyway, holds } from '../support/road.mjs'
import { makeToken, until } from '../support/sandbox.mjs'
import { read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

for (const backend of ['sqlite', 'postgres']) {
  describe(`sandboxes that run, on ${backend}`, () => {
    const stage = setStage()
    let server, page, session, elsewhere
    const line = (text) => page.locator('.delivery-line', { hasText: text }).waitFor()
    before(async () => {
      ;({ server, page, session } = await stage.setup({ backend }))
    })

    it('are counted in the panel as they come', async () => {
      await line('Applied in the running sandbox')
      elsewhere = stage.sandbox(server.address, await makeToken(page, session))
      await line('Applied in 2 of 2 running sandboxes')
    })

    it('get what is saved, and the line says so without a reload', async () => {
      await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL)
      await until('it arrives elsewhere', () => elsewhere.read('.env').includes('canary-Pa'))
      await holds(session, server, '.env', 'canary-Pa')
      await line('Applied in 2 of 2')
      assert.equal(elsewhere.read('.env'), read(session, server, '.env'), 'both hold the same')
    })

    it('say which failed and why, and catch up when it is out of the way', async () => {
      const inTheWay = join(elsewhere.workspace, 'apps/web/.env.local')
      mkdirSync(inTheWay, { recursive: true })
      await fill(page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
      await line('Applied in 1 of 2')
      const why = page.locator('.delivery-why')
      await why.locator('summary').focus()
      await page.keyboard.press('Enter')
      await why.getByText('laptop').waitFor()
      await why.getByText('apps/web/.env.local: there is something at its place that is not a file').waitFor()
      if (backend === 'sqlite') {
        await page.screenshot({ path: join(import.meta.dirname, '../results/sandboxes.png') })
      }
      rmdirSync(inTheWay)
      await why.getByRole('button', { name: 'Try again on laptop' }).click()
      await line('Applied in 2 of 2')
      await until('it arrives elsewhere', () => elsewhere.read('apps/web/.env.local').includes('canary shop'))
      await why.waitFor({ state: 'detached' })
    })

    it('are killed, and the newest waits for them when they are back', async () => {
      await elsewhere.kill()
      await fill(page, 'SESSION_SECRET', 'canary-newest')
      await line('Applied in 1 of 2')
      const { workspace } = elsewhere
      elsewhere = stage.sandbox(server.address, await makeToken(page, session), { workspace })
      await line('Applied in 2 of 2')
      assert.match(elsewhere.read('.env'), /canary-newest/)
      // Its own words may come later than its report.
      await until('it says so', () => elsewhere.said().includes('applied revision'))
      assert.equal(elsewhere.said().match(/applied revision/g).length, 1, elsewhere.said())
    })

    it('lose every value when the session ends', async () => {
      await finishAnyway(page)
      assert.equal(await elsewhere.over, 0, elsewhere.said())
      assert.match(elsewhere.said(), /the session ended; its values were taken out/)
      assert.deepEqual(elsewhere.files().filter((path) => path.includes('.env.') || path.endsWith('.env')), [])
    })
  })
}
