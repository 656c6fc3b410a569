// The repositories page: values in place, and configurations of several repositories.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, hydrated, keyboard } from '../support/browser.mjs'
import { VALUES } from '../support/project.mjs'
import { finishAnyway, holds, sessionOf } from '../support/road.mjs'
import { folderOf, makeRepository } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const rowOf = (page, name) => page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 2, name, exact: true }) })
const slot = (scope, key) => scope.locator(`[data-slot="${key}"]`)
const valuesOf = async (page, name) => {
  const button = rowOf(page, name).getByRole('button', { name: `Values of ${name}`, exact: true })
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click()
  return rowOf(page, name).getByRole('region', { name: `Values of ${name}` })
}
const save = async (scope, key, value) => {
  const field = scope.getByLabel(`Value for ${key}`, { exact: true })
  await field.fill(value)
  await field.press('Enter')
}
const line = (page, number) => page.getByRole('group', { name: `Repository ${number}` })
/** Fills in the form of a configuration: the repository that is connected, and a new one. */
const fillIn = async (page, { name, api, path }) => {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await line(page, 1).getByLabel('Repository', { exact: true }).selectOption({ index: 1 })
  await line(page, 1).getByLabel('Workspace path').fill('shop')
  await line(page, 2).getByLabel('Address of a new one').fill(api)
  await line(page, 2).getByLabel('Workspace path').fill(path)
}
const makeApi = () => makeRepository({ '.env.example': '# Signs tokens\nTOKEN=\n# Where orders are kept\nDATABASE_URL=\n' })

for (const backend of ['sqlite', 'postgres']) {
  describe(`the repositories page on ${backend}`, () => {
    const stage = setStage()
    let server, session, one, other
    before(async () => {
      one = await stage.setup({ backend })
      ;({ server, session } = one)
      other = await stage.beside(one.context, `${server.origin}/`)
      await one.page.goto(`${server.origin}/`)
      await hydrated(one.page)
    })

    it('shows readiness, the counts of each file and the way into the setup', async () => {
      const row = rowOf(one.page, 'shop')
      await row.getByText('Needs 5 values').waitFor()
      assert.match(await row.getByRole('list', { name: 'Required values set, by file' }).innerText(), /\.env 1\/4\s+apps\/web\/\.env\.local 0\/2/)
      assert.ok((await row.getByRole('link', { name: 'Continue setup' }).getAttribute('href')).endsWith(session))
    })

    it('unfolds the panel with what is missing, and a value filled in changes row and counts here and there', async () => {
      const values = await valuesOf(one.page, 'shop')
      await slot(values, 'DATABASE_URL').waitFor()
      assert.ok(await values.getByLabel('Missing only').isChecked())
      assert.ok(!(await slot(values, 'PORT').isVisible()), 'what has a default is hidden')
      assert.equal(await values.getByLabel('Scope for DATABASE_URL').locator('option').count(), 2, 'no session is meant')
      await save(values, 'DATABASE_URL', VALUES.DATABASE_URL)
      for (const { page } of [one, other]) await rowOf(page, 'shop').getByText('Needs 4 values').waitFor()
      assert.match(await rowOf(one.page, 'shop').getByRole('list', { name: 'Required values set, by file' }).innerText(), /\.env 2\/4/)
      await slot(values, 'DATABASE_URL').waitFor({ state: 'hidden' })
      await keyboard(one.page, (here) => here.closest('[data-slot]')?.dataset.slot === 'SESSION_SECRET')
      await holds(session, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)
      await values.getByLabel('Missing only').uncheck()
      await slot(values, 'PORT').waitFor()
      await values.getByLabel('Missing only').check()
    })

    it('the other way round: what others save elsewhere arrives in the open panel, and what is typed stays', async () => {
      const [here, there] = [await valuesOf(one.page, 'shop'), await valuesOf(other.page, 'shop')]
      await here.getByLabel('Value for STRIPE_SECRET_KEY', { exact: true }).fill('half-typed')
      await save(there, 'PRIVATE_KEY', VALUES.PRIVATE_KEY)
      await rowOf(one.page, 'shop').getByText('Needs 3 values').waitFor()
      await slot(here, 'PRIVATE_KEY').and(one.page.locator('[data-status="set"]')).waitFor({ state: 'attached' })
      assert.equal(await here.getByLabel('Value for STRIPE_SECRET_KEY', { exact: true }).inputValue(), 'half-typed')
      // Folded and unfolded again it is still there.
      await rowOf(one.page, 'shop').getByRole('button', { name: 'Values of shop' }).click()
      await here.waitFor({ state: 'hidden' })
      await valuesOf(one.page, 'shop')
      assert.equal(await here.getByLabel('Value for STRIPE_SECRET_KEY', { exact: true }).inputValue(), 'half-typed')
    })

    it('a reload shows the values that were open', async () => {
      await one.page.reload()
      await hydrated(one.page)
      await slot(rowOf(one.page, 'shop'), 'STRIPE_SECRET_KEY').waitFor()
      assert.match(one.page.url(), /\?configuration=/)
    })

    it('makes a configuration of a connected and a new repository, each at its path', async () => {
      const { page } = one
      await page.getByText('New configuration').click()
      await fillIn(page, { name: 'Shop and API', api: stage.project(makeApi()), path: './shop/' })
      await page.getByRole('button', { name: 'Create and set up' }).click()
      await page.getByText('Repository 2: it has the folder of repository 1 (shop).').waitFor()
      assert.equal(await line(page, 2).getByLabel('Workspace path').getAttribute('aria-invalid'), 'true')
      await keyboard(page, (here) => here.id === 'place-1-path')
      await line(page, 2).getByLabel('Workspace path').fill('api')
      await page.getByRole('button', { name: 'Create and set up' }).click()
      await page.waitForURL(/\/sessions\//)
      await hasStatus(page, 'TOKEN', 'missing', 'api/.env')
      const both = sessionOf(page)
      for (const path of ['shop/apps/web/.env.local.example', 'api/.env.example']) {
        assert.ok(existsSync(join(folderOf(both, server), path)), path)
      }
    })

    it('keeps two open panels with the same file and key apart', async () => {
      const { page } = one
      await page.goto(`${server.origin}/`)
      await hydrated(page)
      const [shop, both] = [await valuesOf(page, 'shop'), await valuesOf(page, 'Shop and API')]
      for (const values of [shop, both]) await values.getByLabel('Missing only').uncheck()
      await slot(both, 'TOKEN').waitFor()
      await slot(shop, 'FLAGS').waitFor()
      const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((element) => element.id))
      assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [], 'no id stands twice')
      await save(both, 'TOKEN', 'for the api')
      await slot(both, 'TOKEN').and(page.locator('[data-status="set"]')).waitFor()
      assert.equal(await slot(shop, 'TOKEN').count(), 0)
    })

    it('changes a configuration: name, paths, repositories, each asked once where something is lost', async () => {
      const { page } = one
      await page.getByRole('link', { name: 'Configure Shop and API' }).click()
      await page.getByRole('heading', { level: 1, name: 'Shop and API' }).waitFor()
      await hydrated(page)
      await page.getByLabel('Name', { exact: true }).fill('Everything')
      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('heading', { level: 1, name: 'Everything' }).waitFor()
      await rowOf(other.page, 'Everything').waitFor()
      const path = page.getByLabel('Workspace path of shop').last()
      await path.fill('/absolute')
      await page.getByRole('button', { name: 'Change path of shop' }).last().click()
      await page.getByText('not absolute').waitFor()
      await path.fill('services/api')
      await page.getByRole('button', { name: 'Change path of shop' }).last().click()
      await rowOf(other.page, 'Everything').getByText('services/api', { exact: true }).waitFor()
      await page.getByText('Detach', { exact: true }).last().click()
      await page.getByText('no longer reach this configuration').last().waitFor()
      await page.getByRole('button', { name: 'Yes, detach shop' }).last().click()
      await page.getByLabel('Workspace path of shop').nth(1).waitFor({ state: 'detached' })
      assert.equal(await page.getByText('Detach', { exact: true }).count(), 0, 'the last one stays')
      await page.getByText('1 session of it still runs.').waitFor()
      assert.equal(await page.getByText('Delete configuration').count(), 0)
    })

    it('deletes a configuration once its session is over', async () => {
      const { page } = one
      const at = page.url()
      await page.getByRole('region', { name: 'Delete this configuration' }).getByRole('link').click()
      await finishAnyway(page)
      await page.getByRole('button', { name: 'Start work session' }).waitFor()
      await page.goto(at)
      await hydrated(page)
      await page.getByText('Delete configuration').click()
      await page.getByText('Delete Everything, with its env spec and the pages of 1 session?').waitFor()
      await page.getByRole('button', { name: 'Yes, delete it' }).click()
      await page.getByRole('heading', { level: 1, name: 'Repositories' }).waitFor()
      for (const { page } of [one, other]) await rowOf(page, 'Everything').waitFor({ state: 'detached' })
    })
  })
}

describe('the repositories page without JavaScript', () => {
  const stage = setStage()
  let server, page, session
  before(async () => {
    ;({ server, page, session } = await stage.setup({ javaScriptEnabled: false }))
  })

  it('unfolds the values by the address, saves, refuses at the right panel, replaces and deletes', async () => {
    await page.goto(`${server.origin}/`)
    await page.getByRole('button', { name: 'Values of shop' }).click()
    const values = rowOf(page, 'shop').getByRole('region', { name: 'Values of shop' })
    const plain = async (key, value) => {
      await values.getByLabel(`Value for ${key}`, { exact: true }).fill(value)
      await values.getByRole('button', { name: `Save ${key}` }).click()
    }
    await plain('DATABASE_URL', VALUES.DATABASE_URL)
    await rowOf(page, 'shop').getByText('Needs 4 values').waitFor()
    await holds(session, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)
    await plain('STRIPE_SECRET_KEY', 'it\'s "both"')
    await values.getByText('no spelling of a single quote together with').waitFor()
    await values.getByLabel('Missing only').uncheck()
    await values.getByRole('button', { name: 'Replace DATABASE_URL' }).click()
    await plain('DATABASE_URL', 'postgres://second')
    await holds(session, server, '.env', 'postgres://second')
    await values.getByLabel('Missing only').uncheck()
    await values.getByRole('button', { name: 'Delete DATABASE_URL' }).click()
    await values.getByRole('button', { name: 'Yes, delete DATABASE_URL' }).click()
    await rowOf(page, 'shop').getByText('Needs 5 values').waitFor()
    await page.getByRole('button', { name: 'Values of shop' }).click()
    await values.waitFor({ state: 'hidden' })
  })

  it('makes, changes and deletes a configuration by plain forms', async () => {
    const api = stage.project(makeApi())
    await page.goto(`${server.origin}/`)
    await page.getByText('New configuration').click()
    await fillIn(page, { name: 'Both', api, path: '' })
    await page.getByRole('button', { name: 'Create and set up' }).click()
    await page.getByText('Repository 2: give the folder').waitFor()
    await fillIn(page, { name: 'Both', api, path: 'api' })
    await page.getByRole('button', { name: 'Create and set up' }).click()
    await page.waitForURL(/\/sessions\//)
    await page.goto(`${server.origin}/`)
    await page.getByRole('link', { name: 'Configure Both' }).click()
    await page.getByLabel('Name', { exact: true }).fill('All')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { level: 1, name: 'All' }).waitFor()
    await page.getByLabel('Workspace path of shop').last().fill('shop')
    await page.getByRole('button', { name: 'Change path of shop' }).last().click()
    await page.getByText('is checked out at shop already').waitFor()
    await page.getByText('Detach', { exact: true }).last().click()
    await page.getByRole('button', { name: 'Yes, detach shop' }).last().click()
    await page.getByLabel('Workspace path of shop').nth(1).waitFor({ state: 'detached' })
  })
})
