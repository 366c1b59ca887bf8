import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Put, Req, Res } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../access/access.types.js';
import {
  Costly,
  BeforePasswordChange,
  CurrentScope,
  CurrentSession,
  NoTokens,
  Public,
  SignedIn,
} from '../access/permission.decorator.js';
import type { Role, Scope } from '../access/scope.js';
import { clearSessionCookie, sessionToken, setSessionCookie } from '../access/session-cookie.js';
import { SessionService } from '../access/session.service.js';
import { UserService } from '../access/user.service.js';
import type { Config } from '../platform/config.js';
import { CONFIG } from '../platform/tokens.js';

class SignInBody {
  @ApiProperty()
  @IsString()
  @MaxLength(200)
  name: string;

  @ApiProperty()
  @IsString()
  @MaxLength(1000)
  password: string;
}

class PasswordBody {
  @ApiProperty()
  @IsString()
  @MaxLength(1000)
  currentPassword: string;

  @ApiProperty()
  @IsString()
  @MaxLength(1000)
  newPassword: string;
}

class SessionAnswer {
  @ApiProperty()
  name: string;

  @ApiProperty()
  displayName: string;

  @ApiProperty({ enum: ['hr', 'manager', 'leader', 'auditor', 'admin'], isArray: true })
  roles: Role[];

  @ApiProperty({ description: 'Send it as X-CSRF-Token with every POST, PUT, PATCH and DELETE' })
  csrfToken: string;

  @ApiProperty({
    description:
      'True: every other route answers password_change_required until it is changed with PUT password',
  })
  mustChangePassword: boolean;
}

@ApiTags('session')
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly sessions: SessionService,
    private readonly users: UserService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Signs in and sets the cookie. */
  @Costly()
  @Public()
  @Post()
  @HttpCode(200)
  async signIn(
    @Body() body: SignInBody,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    const { token, ...access } = await this.sessions.signIn(body.name, body.password, request.ip);
    const former = sessionToken(request);
    if (former) await this.sessions.signOut(former);
    setSessionCookie(reply, token, this.config);
    return toAnswer(access);
  }

  /** Who is signed in. */
  @SignedIn()
  @BeforePasswordChange()
  @Get()
  current(@CurrentScope() scope: Scope, @CurrentSession() session: Access['session']): SessionAnswer {
    return toAnswer({ scope, session });
  }

  /** Sets the own password; the other sessions end, this one stays. */
  @SignedIn()
  @BeforePasswordChange()
  @NoTokens()
  @Put('password')
  @HttpCode(204)
  async changePassword(
    @CurrentSession() session: Access['session'],
    @Body() { currentPassword, newPassword }: PasswordBody,
  ): Promise<void> {
    await this.users.changePassword({
      userId: session.userId,
      currentPassword,
      newPassword,
      keepSession: session.id,
    });
  }

  /** Signs out. */
  @SignedIn()
  @NoTokens()
  @BeforePasswordChange()
  @Delete()
  @HttpCode(204)
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const token = sessionToken(request);
    if (token) await this.sessions.signOut(token);
    clearSessionCookie(reply, this.config);
  }
}

function toAnswer({ scope, session }: Access): SessionAnswer {
  return {
    name: session.name,
    displayName: session.displayName,
    roles: [...scope.roles],
    csrfToken: session.csrfToken,
    mustChangePassword: session.mustChangePassword,
  };
}
