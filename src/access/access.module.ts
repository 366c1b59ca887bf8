import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { AuditChainService } from './audit-chain.service.js';
import { AuditLogService } from './audit-log.service.js';
import { AuditService } from './audit.service.js';
import { IdentityProvider } from './identity-provider.service.js';
import { ProviderSignIn } from './provider-sign-in.service.js';
import { RequestIdentity } from './request-identity.service.js';
import { RequestLimits } from './request-limits.service.js';
import { SessionService } from './session.service.js';
import { SettingService } from './setting.service.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { TokenService } from './token.service.js';
import { UserAdminService } from './user-admin.service.js';
import { UserService } from './user.service.js';

/** Needs DataSource, Clock, CONFIG and LOGGER from a global module. Its guard stands before every route of the application. */
@Module({
  providers: [
    UserService,
    UserAdminService,
    SessionService,
    TokenService,
    IdentityProvider,
    ProviderSignIn,
    SettingService,
    AuditService,
    AuditChainService,
    AuditLogService,
    { provide: SignInThrottle, useFactory: () => new SignInThrottle() },
    RequestIdentity,
    RequestLimits,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [
    UserService,
    UserAdminService,
    SessionService,
    TokenService,
    IdentityProvider,
    ProviderSignIn,
    SettingService,
    AuditService,
    AuditChainService,
    AuditLogService,
    RequestLimits,
  ],
})
export class AccessModule {}
