import { Body, Controller, HttpCode, Param, ParseIntPipe, Post, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { assertCsrf, sentCsrfToken } from '../access/csrf.js';
import {
  Costly,
  CsrfCheckedByHandler,
  CurrentScope,
  PermitForWhole,
} from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import type { ImportKind } from '../platform/imports/import-report.js';
import { canBeApplied } from '../platform/imports/import-agreement.js';
import { ImportService } from '../platform/imports/import.service.js';
import { readUpload, toImportRequest } from '../platform/imports/upload.js';
import { UploadStore } from '../platform/imports/upload-store.js';
import { ApplyBody, ImportDto, ImportPreviewDto, toImport } from './import.dto.js';

const KINDS: readonly ImportKind[] = ['roster', 'reorganisation', 'status', 'citizens'];

/** Files in: a preview that changes nothing, then the same thing for real. */
@ApiTags('imports')
@Controller('api/v1/imports')
@PermitForWhole('hr')
export class ImportController {
  constructor(
    private readonly imports: ImportService,
    private readonly uploads: UploadStore,
  ) {}

  /** Answers the preview: what would change, or everything that must be put right. */
  @Costly()
  @Post(':kind')
  @HttpCode(200)
  @CsrfCheckedByHandler()
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: {
        file: { type: 'string', format: 'binary' },
        units: { type: 'string', format: 'binary', description: 'roster only: the list of units' },
        asOf: {
          type: 'string',
          format: 'date',
          description: 'the day a roster describes, or a reorganisation begins',
        },
        scope: { type: 'string' },
        confirmDepartures: { type: 'integer' },
      },
    },
  })
  async preview(
    @CurrentScope() scope: Scope,
    @Param('kind') kind: string,
    @Req() request: FastifyRequest,
  ): Promise<ImportPreviewDto> {
    assertCsrf(request, sentCsrfToken(request));
    if (!KINDS.includes(kind as ImportKind)) {
      throw new AppError(
        'unknown_import',
        'not_found',
        '取り込めるのは roster(名簿)、reorganisation(組織改正)、status(取得状況)、citizens(市民の取得率)です。',
      );
    }
    const upload = await readUpload(request, this.uploads);
    try {
      const batch = await this.imports.preview(toImportRequest(kind as ImportKind, upload), scope.actor);
      return { ...toImport(batch.id, batch.state, batch.report), canBeApplied: canBeApplied(batch.report) };
    } finally {
      await this.uploads.drop([...upload.files.values()].flat());
    }
  }

  /** Does what the preview showed, wholly or not at all. */
  @Costly()
  @Post(':id/apply')
  @HttpCode(200)
  async apply(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() body: ApplyBody,
  ): Promise<ImportDto> {
    const batch = await this.imports.apply(id, scope.actor, body?.confirmDepartures);
    return toImport(batch.id, batch.state, batch.report);
  }

  /** Takes an applied reorganisation back while its day has not come: nothing of it remains. */
  @Costly()
  @Post(':id/withdraw')
  @HttpCode(200)
  async withdraw(@CurrentScope() scope: Scope, @Param('id', ParseIntPipe) id: number): Promise<ImportDto> {
    const batch = await this.imports.withdraw(id, scope.actor);
    return toImport(batch.id, batch.state, batch.report);
  }
}
