import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** The description at /api/openapi.json and its browser at /api/docs, made from the controllers. */
export function describeApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Staff My Number card adoption tracker')
    .setDescription('Errors are application/problem+json with a stable `code`. Dates are days in Asia/Tokyo.')
    .setVersion('1')
    .addCookieAuth('session')
    .addSecurityRequirements('cookie')
    .build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, description), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
  });
}
