import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import { POLICIES } from '../reminders/policy.js';
import { WaveService } from '../reminders/wave.service.js';

class WaveBody {
  /** Day of the wave; today unless given. @example 2022-11-10 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  on?: string;

  /** Only say what would be sent. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;
}

class DeliveryQuery {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  cursor?: string;
}

/** Reminder policies, their waves and deliveries. */
@ApiTags('reminders')
@Controller('api/v1')
@Permit('hr')
export class WaveController {
  constructor(private readonly waves: WaveService) {}

  @Get('policies')
  policies(): object {
    return { policies: POLICIES.map(({ name, title, description }) => ({ name, title, description })) };
  }

  /** Plans a wave and sends it; the same policy and day again only sends what is left. */
  @Post('policies/:name/waves')
  @HttpCode(200)
  start(@CurrentScope() scope: Scope, @Param('name') name: string, @Body() body: WaveBody): Promise<object> {
    return body?.dryRun ? this.waves.plan(scope, name, body.on) : this.waves.start(scope, name, body?.on);
  }

  @Get('waves/:id')
  wave(@CurrentScope() scope: Scope, @Param('id', ParseIntPipe) id: number): Promise<object> {
    return this.waves.summary(scope, id);
  }

  @Get('waves/:id/deliveries')
  deliveries(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Query() { cursor }: DeliveryQuery,
  ): Promise<object> {
    return this.waves.deliveries(scope, id, cursor);
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
