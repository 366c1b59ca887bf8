import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Costly, CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import { isWaveAction, WAVE_ACTIONS } from '../reminders/wave-action.js';
import { WaveControl } from '../reminders/wave-control.service.js';
import { WaveTestService } from '../reminders/wave-test.service.js';
import { WaveService } from '../reminders/wave.service.js';
import {
  DeliveryPageDto,
  DeliveryQuery,
  toDeliveryPage,
  toWave,
  toWavePreview,
  WaveActionBody,
  WaveBody,
  WaveDto,
  WavePreviewDto,
  WaveRunDto,
  WaveTestBody,
  WaveTestDto,
} from './wave.dto.js';

/** Below what proxies wait for an answer; the wave goes on without anybody waiting. */
const PATIENCE_MS = 25_000;

/** Waves of reminder policies and their deliveries. */
@ApiTags('reminders')
@Controller('api/v1')
@PermitForWhole('hr')
export class WaveController {
  constructor(
    private readonly waves: WaveService,
    private readonly control: WaveControl,
    private readonly tests: WaveTestService,
  ) {}

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
      ? toWavePreview(await this.waves.plan(scope, name, body.on, body.position))
      : toWave(await this.waves.start(scope, name, body?.on, { patienceMs: PATIENCE_MS }));
  }

  /** Sends the first message of a wave to the own address, and to nobody else. */
  @Costly()
  @Post('policies/:name/test')
  @HttpCode(200)
  async test(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() body: WaveTestBody,
  ): Promise<WaveTestDto> {
    return { ...(await this.tests.send(scope, name, body?.on)) };
  }

  @Get('waves/:id')
  async wave(@CurrentScope() scope: Scope, @Param('id', ParseIntPipe) id: number): Promise<WaveDto> {
    return toWave(await this.waves.summary(scope, id));
  }

  @Get('waves/:id/deliveries')
  async deliveries(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Query() { cursor, ...filter }: DeliveryQuery,
  ): Promise<DeliveryPageDto> {
    return toDeliveryPage(await this.waves.deliveries(scope, id, cursor, filter));
  }

  /**
   * Stops a wave or lets it go on; `resend` and `keep` decide about deliveries of which nobody knows whether they
   * arrived. 409 where the state of the wave does not allow it.
   */
  @Post('waves/:id/:action')
  @HttpCode(200)
  @ApiParam({ name: 'action', enum: WAVE_ACTIONS })
  async act(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Param('action') action: string,
    @Body() body: WaveActionBody,
  ): Promise<WaveDto> {
    if (!isWaveAction(action))
      throw new AppError('unknown_action', 'not_found', `使える操作: ${WAVE_ACTIONS.join('、')}`);
    return toWave(await this.control.act(scope, id, action, body?.delivery));
  }
}
