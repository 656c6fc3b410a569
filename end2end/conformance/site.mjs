// A running server with one person signed in, and sessions with an agent's token each.
import { makeToken } from '../support/sandbox.mjs'
import { launch, openPage } from '../support/browser.mjs'
import { makeProject } from '../support/project.mjs'
import { connect, signIn } from '../support/road.mjs'
import { removeRepository, startServer } from '../support/server.mjs'

export async function openSite() {
  const server = await startServer({ log: 'info' })
  const browser = await launch()
  const { page } = await openPage(browser)
  await signIn(page, server)
  const projects = []
  return {
    server,
    page,
    /** A setup session of a project of its own that was scanned; answers its id. */
    async session(project = makeProject()) {
      projects.push(project)
      await page.goto(server.origin)
      const session = await connect(page, project)
      await page.locator('[data-slot][data-status="missing"]').first().waitFor()
      return session
    },
    /** A token for an agent in a session of its own. */
    async agent() {
      return makeToken(page, await this.session(), 'agent')
    },
    async close() {
      await browser.close()
      await server.stop()
      server.remove()
      projects.forEach(removeRepository)
    },
  }
}
