import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditLogService } from '../access/audit-log.service.js';
import { CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AuditPageDto, AuditQuery } from './audit.dto.js';

@ApiTags('audit')
@Controller('api/v1/audit')
@PermitForWhole('hr', 'auditor')
export class AuditController {
  constructor(private readonly log: AuditLogService) {}

  /** The newest first, fifty at a time; reading it is on record. */
  @Get()
  async search(@CurrentScope() scope: Scope, @Query() query: AuditQuery): Promise<AuditPageDto> {
    const { events, nextCursor } = await this.log.search(scope, query);
    return {
      events: events.map(({ id, at, actor, action, target, details }) => ({
        id,
        at,
        actor,
        action,
        target,
        details: { ...details },
      })),
      nextCursor,
    };
  }
}
