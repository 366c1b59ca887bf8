import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The browser of the description brings scripts and inline styles of its own; no other page has any. */
const DOCS_POLICY =
  "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;connect-src 'self';" +
  "frame-ancestors 'none';base-uri 'none'";

/** The description at /api/openapi.json and its browser at /api/docs, made from the controllers. */
export function describeApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Staff My Number card adoption tracker')
    .setDescription('Errors are application/problem+json with a stable `code`. Dates are days in Asia/Tokyo.')
    .setVersion('1')
    .addCookieAuth('session')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'A personal token of the page /account' },
      'token',
    )
    .addSecurityRequirements('cookie')
    .addSecurityRequirements('token')
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onSend', async (request, reply) => {
      if (/^\/api\/docs(\/|\?|$)/.test(request.url))
        void reply.header('content-security-policy', DOCS_POLICY);
    });
}
