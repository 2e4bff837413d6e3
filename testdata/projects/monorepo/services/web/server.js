const fastify = require('fastify')()

fastify.get('/', async () => ({ api: process.env.API_URL }))
fastify.listen({ port: 3000, host: '0.0.0.0' })
