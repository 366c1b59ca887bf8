import { AuditEvent } from './audit-event.entity.js';
import { Grant } from './grant.entity.js';
import { Session } from './session.entity.js';
import { User } from './user.entity.js';

export const ACCESS_ENTITIES = [User, Grant, Session, AuditEvent];
