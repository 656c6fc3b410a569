// The main job, as a newcomer does it, against the real program, a real repository and both databases.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, hydrated, keyboard, row } from '../support/browser.mjs'
import { VALUES } from '../support/project.mjs'
import { connect, expectBadge, fill, goToWork, holds, lacks, openTab, sessionOf, signIn } from '../support/road.mjs'
import { until } from '../support/sandbox.mjs'
import { read } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

for (const backend of ['sqlite', 'postgres']) {
  describe(`the road on ${backend}`, () => {
    const stage = setStage()
    let server, page, setup
    before(async () => {
      server = await stage.server({ backend })
      ;({ page } = await stage.open())
    })

    it('signs in with the one-time link and asks for a first repository', async () => {
      await signIn(page, server)
      await page.getByRole('heading', { name: /connect your first repository/i }).waitFor()
      await hydrated(page)
      const stranger = await stage.open()
      await stranger.page.goto(server.link)
      assert.match(stranger.page.url(), /\/sign-in\?problem=used/)
      await stranger.context.close()
    })

    it('says in words what is wrong with an address and keeps what was typed', async () => {
      const field = page.getByLabel('Git URL or local path')
      await field.fill('/nowhere/at/all')
      await page.getByRole('button', { name: 'Connect' }).click()
      await page.getByText('There is no git repository at /nowhere/at/all').waitFor()
      assert.equal(await field.inputValue(), '/nowhere/at/all')
    })

    it('scans the checkout and opens the Environment tab by itself with a badge', async () => {
      setup = await connect(page, stage.project())
      await hasStatus(page, 'DATABASE_URL', 'missing', '.env')
      assert.equal(await page.getByRole('link', { name: /^Environment/ }).getAttribute('aria-current'), 'true')
      await expectBadge(page, '5')
      await row(page, 'DATABASE_URL').getByText('Where orders are kept').waitFor()
      await row(page, 'DATABASE_URL').getByText('.env.example:2').waitFor()
      await hasStatus(page, 'PORT', 'default')
      await page.getByText('save_env_files').first().waitFor()
    })

    it('fills values in place: Enter saves and moves on, badge and files follow at once', async () => {
      await fill(page, 'DATABASE_URL', VALUES.DATABASE_URL, { scope: 'Organization' })
      await expectBadge(page, '4')
      await keyboard(page, (here) => here.closest('[data-slot]')?.dataset.slot === 'SESSION_SECRET')
      await holds(setup, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)

      await row(page, 'SESSION_SECRET').getByRole('button', { name: 'Generate SESSION_SECRET' }).click()
      await hasStatus(page, 'SESSION_SECRET', 'set')
      await holds(setup, server, '.env', /^SESSION_SECRET=[0-9a-f]{64}$/m)

      const eye = row(page, 'PRIVATE_KEY').getByRole('button', { name: 'Show value of PRIVATE_KEY' })
      await eye.click()
      assert.equal(await eye.getAttribute('aria-pressed'), 'true')
      await fill(page, 'PRIVATE_KEY', VALUES.PRIVATE_KEY)
      await fill(page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY, { scope: 'This session only' })
      await expectBadge(page, '1')
      assert.ok(read(setup, server, 'apps/web/.env.local').startsWith('# ours\nOWN=1\n'), 'foreign lines stay')
    })

    it('replaces and deletes a value', async () => {
      await row(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
      const scope = row(page, 'DATABASE_URL').getByLabel('Scope for DATABASE_URL')
      assert.match(await scope.inputValue(), /^repository:/, 'the organization, whose value others use, is never preselected')
      await fill(page, 'DATABASE_URL', 'postgres://other', { scope: 'This repository (shop)' })
      await page.waitForFunction(() => !document.querySelector('[data-slot="DATABASE_URL"] textarea'))
      await holds(setup, server, '.env', /^DATABASE_URL=.?postgres:\/\/other.?$/m)

      await row(page, 'DATABASE_URL').getByRole('button', { name: 'Delete DATABASE_URL' }).click()
      await row(page, 'DATABASE_URL').getByRole('button', { name: 'Yes, delete DATABASE_URL' }).click()
      // The repository's value hid the organization's value; now that shows through again.
      await row(page, 'DATABASE_URL').getByText('rganization').first().waitFor()
      await holds(setup, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)
    })

    it('finishes with values missing only by an explicit "finish anyway", which is recorded', async () => {
      await page.getByRole('button', { name: 'Finish setup' }).click()
      const question = page.getByRole('dialog')
      await question.getByText('PUBLIC_NAME').waitFor()
      // A session's own value ends with it, so the next session would lack it.
      await question.getByText('STRIPE_SECRET_KEY').waitFor()
      await question.getByRole('button', { name: 'Keep filling in' }).click()
      await fill(page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME)
      await expectBadge(page, '')
      await page.getByRole('button', { name: 'Finish setup' }).click()
      await question.getByRole('button', { name: 'Finish anyway' }).click()
      await page.getByRole('button', { name: 'Start work session' }).waitFor()
      // No value stays in the sandbox of a finished setup.
      await lacks(setup, server, '.env')
      await until('only the own lines are left', () => read(setup, server, 'apps/web/.env.local') === '# ours\nOWN=1\n')
    })

    it('boots a work session with the files complete and a receipt that says where each value came from', async () => {
      await goToWork(page, setup)
      await hydrated(page)
      await openTab(page, 'Info')
      await page.getByRole('heading', { name: 'Boot receipt' }).waitFor()
      await page.getByText('STRIPE_SECRET_KEY').first().waitFor()

      await openTab(page, 'Environment')
      await fill(page, 'STRIPE_SECRET_KEY', VALUES.STRIPE_SECRET_KEY)
      await openTab(page, 'Info')
      await page.getByText(/6 of 7 keys written|6 of 7/).first().waitFor()
    })

    it('ends with exactly these bytes in the files', async () => {
      const work = sessionOf(page)
      const secret = read(work, server, '.env').match(/^SESSION_SECRET=([0-9a-f]{64})$/m)[1]
      const block = (created, lines) =>
        `# >>> keyslot 0 created=${created} newline=no | Keyslot rewrites this block; put lines of your own above it\n` +
        `${lines.join('\n')}\n# <<< keyslot 0\n`
      assert.equal(
        read(work, server, '.env'),
        block('yes', [
          `DATABASE_URL='${VALUES.DATABASE_URL}'`,
          'PORT=3000',
          `SESSION_SECRET=${secret}`,
          `STRIPE_SECRET_KEY='${VALUES.STRIPE_SECRET_KEY}'`,
        ]),
      )
      assert.equal(
        read(work, server, 'apps/web/.env.local'),
        `# ours\nOWN=1\n${block('no', [
          `PUBLIC_NAME='${VALUES.PUBLIC_NAME}'`,
          `PRIVATE_KEY='${VALUES.PRIVATE_KEY}'`,
        ])}`,
      )
    })
  })
}
