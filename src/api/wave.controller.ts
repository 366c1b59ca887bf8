import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Costly, CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import { WaveService } from '../reminders/wave.service.js';
import {
  DeliveryPageDto,
  DeliveryQuery,
  toDeliveryPage,
  toWave,
  toWavePreview,
  toWaveRun,
  WaveBody,
  WaveDto,
  WavePreviewDto,
  WaveRunDto,
} from './wave.dto.js';

/** Below what proxies wait for an answer; the wave goes on without anybody waiting. */
const PATIENCE_MS = 25_000;

/** Waves of reminder policies and their deliveries. */
@ApiTags('reminders')
@Controller('api/v1')
@PermitForWhole('hr')
export class WaveController {
  constructor(private readonly waves: WaveService) {}

  /** Plans a wave and sends it, waiting for its end for up to half a minute; the same policy and day again only sends what is left. */
  @Costly()
  @Post('policies/:name/waves')
  @HttpCode(200)
  @ApiExtraModels(WaveRunDto, WavePreviewDto)
  @ApiOkResponse({
    description: 'With `dryRun` the preview, else what this run did',
    schema: { oneOf: [{ $ref: getSchemaPath(WaveRunDto) }, { $ref: getSchemaPath(WavePreviewDto) }] },
  })
  async start(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() body: WaveBody,
  ): Promise<WaveRunDto | WavePreviewDto> {
    return body?.dryRun
      ? toWavePreview(await this.waves.plan(scope, name, body.on))
      : toWaveRun(await this.waves.start(scope, name, body?.on, { patienceMs: PATIENCE_MS }));
  }

  @Get('waves/:id')
  async wave(@CurrentScope() scope: Scope, @Param('id', ParseIntPipe) id: number): Promise<WaveDto> {
    return toWave(await this.waves.summary(scope, id));
  }

  @Get('waves/:id/deliveries')
  async deliveries(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Query() { cursor }: DeliveryQuery,
  ): Promise<DeliveryPageDto> {
    return toDeliveryPage(await this.waves.deliveries(scope, id, cursor));
  }

  /** Not in this version. */
  @Post('waves/:id/:action')
  later(): never {
    throw new AppError(
      'not_available',
      'not_available',
      '一時停止・再開・中止・確認はまだ使えません(not available yet)。',
    );
  }
}
