// The project that the tests set up: a monorepo with two example files.
import { makeRepository } from './server.mjs'

/** Values with everything that quoting gets wrong. The same words are searched for by the canary test. */
export const VALUES = {
  DATABASE_URL: 'postgres://shop:canary-Pa$$w0rd#1@db.internal/shop?sslmode=require',
  STRIPE_SECRET_KEY: 'sk_test_canary "quoted" and $spaced #hash',
  PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\ncanary+MIIEvQ==\n/second+line/\n-----END PRIVATE KEY-----',
  PUBLIC_NAME: 'canary shop',
  FLAGS: '{"canary":true,"list":[1,2]}',
}

export const makeProject = () =>
  makeRepository({
    'README.md': '# Shop\n',
    '.env.example': [
      '# Where orders are kept',
      'DATABASE_URL=',
      '',
      '# Port of the web server',
      'PORT=3000',
      '',
      '# Signs sessions: openssl rand -hex 32',
      'SESSION_SECRET=',
      '',
      '# Key of the payment provider',
      'STRIPE_SECRET_KEY=',
      '',
      '# Feature flags as JSON',
      '# FLAGS=',
      '',
    ].join('\n'),
    'apps/web/.env.local.example': [
      '# Shown in the title',
      'PUBLIC_NAME=',
      '',
      '# Signs web tokens',
      'PRIVATE_KEY=',
      '',
    ].join('\n'),
    // A line of the project's own in the file that Keyslot will write.
    'apps/web/.env.local': '# ours\nOWN=1\n',
  })
