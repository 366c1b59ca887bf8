/** Who is written to about which units: no queries, no names of people. */
import type { UnitLine } from '../adoption/adoption.types.js';
import { isPlainAddress } from './mail-address.js';
import type { UnitContacts } from './manager-audience.query.js';
import type { MessageContext, PlannedMessage, SuppressionReason } from './planned-wave.js';
import { mayTellOwn, type UnitMessageFacts } from './unit-message.js';

export interface Addressee {
  readonly recipient: string;
  /** Null for a mailbox or a chat room, which more people read than the manager. */
  readonly staffId: number | null;
  readonly address: string | null;
  readonly channel?: 'chat';
  readonly reason: SuppressionReason | null;
}

/** A message to be: to whom, and about which units. */
export interface AddressedUnits {
  readonly to: Addressee;
  /** The unit the addressee leads, where the message is about others. */
  readonly leads?: UnitLine;
  readonly units: readonly UnitLine[];
}

/** The units of a day with those who can be written to about them. */
export class UnitAddressees {
  readonly byCode: ReadonlyMap<string, UnitLine>;
  private readonly contacts: ReadonlyMap<number, UnitContacts>;
  /** All the units whose figures a manager may know anyway. */
  private readonly managed = new Map<number, UnitLine[]>();

  constructor(private readonly facts: Pick<UnitMessageFacts, 'lines' | 'contacts' | 'chat'>) {
    this.byCode = new Map(facts.lines.map((line) => [line.unit.code, line]));
    this.contacts = new Map(facts.contacts.map((contact) => [contact.unitId, contact]));
    for (const line of facts.lines) {
      for (const { staffId } of this.contacts.get(line.unitId)?.managers ?? [])
        this.managed.set(staffId, [...this.managedBy(staffId), line]);
    }
  }

  managedBy(staffId: number): readonly UnitLine[] {
    return this.managed.get(staffId) ?? [];
  }

  above(line: UnitLine): UnitLine | undefined {
    return line.parentCode === null ? undefined : this.byCode.get(line.parentCode);
  }

  /** Each manager once, about all of these units that are theirs; in the organisation's order. */
  of(lines: readonly UnitLine[]): AddressedUnits[] {
    const recipients = new Map<string, { to: Addressee; units: UnitLine[] }>();
    for (const line of lines) {
      if (this.isLedFromAbove(line)) continue;
      for (const to of recipientsOf(line, this.contacts.get(line.unitId), this.facts.chat)) {
        const known = recipients.get(to.recipient);
        if (known) known.units.push(line);
        else recipients.set(to.recipient, { to, units: [line] });
      }
    }
    return [...recipients.values()];
  }

  /** The same to the next level up that somebody else leads, about those units that may be named to them. */
  leadersOf(
    lines: readonly UnitLine[],
    mayName: (line: UnitLine, leads: UnitLine) => boolean,
  ): AddressedUnits[] {
    const recipients = new Map<string, { to: Addressee; leads: UnitLine; units: UnitLine[] }>();
    for (const line of lines) {
      if (this.isLedFromAbove(line)) continue;
      for (const [leads, to] of this.leadersAbove(line)) {
        if (!mayName(line, leads)) continue;
        const known = recipients.get(to.recipient);
        if (known) known.units.push(line);
        else recipients.set(to.recipient, { to, leads, units: [line] });
      }
    }
    return [...recipients.values()];
  }

  /**
   * A section (係) often has no manager of its own: its people are led by the manager of the nearest unit above that has
   * one, who gets the message of that unit. The organisation's top is led by the mayor, who gets the report.
   */
  private isLedFromAbove(line: UnitLine): boolean {
    const contact = this.contacts.get(line.unitId);
    if (!contact?.exists || contact.managers.length > 0 || contact.unitEmail !== null) return false;
    if (this.facts.chat && contact.hasChat) return false;
    if (line.parentCode === null) return true;
    let unit = this.above(line);
    while (unit && !this.contacts.get(unit.unitId)?.managers.length) unit = this.above(unit);
    return unit !== undefined;
  }

  /** The mayor, at the very top, may be nobody here. */
  private leadersAbove(line: UnitLine): [UnitLine, Addressee][] {
    const own = new Set(this.contacts.get(line.unitId)?.managers.map(({ staffId }) => staffId));
    for (let unit = this.above(line); unit; unit = this.above(unit)) {
      const leads = unit;
      const contact = this.contacts.get(unit.unitId);
      const managers = contact?.managers.filter(({ staffId }) => !own.has(staffId)) ?? [];
      // Whoever leads both knows from the own message.
      const isOwnOnly = managers.length === 0 && (contact?.managers.length ?? 0) > 0;
      if (!contact?.exists || isOwnOnly || (managers.length === 0 && contact.unitEmail === null)) continue;
      return recipientsOf(unit, { ...contact, managers }).map((to) => [leads, to]);
    }
    const parent = this.above(line);
    if (!parent || parent.parentCode === null) return [];
    return recipientsOf(parent, { ...NOBODY, unitId: parent.unitId }).map((to) => [parent, to]);
  }
}

const NOBODY = { exists: true, unitEmail: null, managers: [] } as const;

/** To a room that several people read, figures of a few would tell about each of them: it gets nothing then. */
export function withoutFew(addressed: readonly AddressedUnits[]): AddressedUnits[] {
  return addressed.map(({ to, units }) => {
    const isTooFew = to.reason === null && !mayTellOwn(units[0]!, to.staffId !== null);
    return { to: isTooFew ? { ...to, reason: 'small_group' } : to, units };
  });
}

/** Each as a message about the units that were not spoken of lately; with none of them left it is held back. */
export function plannedMessages<Context extends MessageContext>(
  addressed: readonly AddressedUnits[],
  { toldLately }: Pick<UnitMessageFacts, 'toldLately'>,
  contextOf: (to: Addressee, units: readonly [UnitLine, ...UnitLine[]], leads: UnitLine) => Context,
): (PlannedMessage & { readonly context: Context })[] {
  return addressed.map(({ to, leads, units }) => {
    const untold = units.filter(({ unitId }) => !toldLately?.has(unitId));
    const about = (untold.length > 0 ? untold : units) as [UnitLine, ...UnitLine[]];
    const main = leads ?? about[0];
    return {
      recipient: to.recipient,
      staffId: to.staffId,
      unitId: main.unitId,
      unit: main.unit,
      address: to.address,
      ...(to.channel && { channel: to.channel }),
      suppressed: to.reason ?? (untold.length === 0 ? 'already_told' : null),
      personal: false,
      about: about.map(({ unitId }) => unitId),
      // Made when it is asked for: all of a wave at once would fill the memory.
      get context() {
        return contextOf(to, about, main);
      },
    };
  });
}

/** Its managers who can be written to; without any, the unit's own chat room or mailbox. */
function recipientsOf(
  line: UnitLine,
  contact: UnitContacts | undefined,
  chat?: UnitMessageFacts['chat'],
): Addressee[] {
  const toUnit = (address: string | null, reason: SuppressionReason | null) => [
    { recipient: `unit:${line.unitId}`, staffId: null, address, reason },
  ];
  if (!contact?.exists) return toUnit(null, 'unit_ended');
  const reachable = contact.managers.filter(
    (manager) => manager.email !== null && isPlainAddress(manager.email),
  );
  if (chat && contact.hasChat && (chat === 'first' || reachable.length === 0))
    return [{ ...toUnit(chatAddress(line.unitId), null)[0]!, channel: 'chat' }];
  if (reachable.length > 0) {
    return reachable.map(({ staffId, email }) => ({
      recipient: `staff:${staffId}`,
      staffId,
      address: email,
      reason: null,
    }));
  }
  if (contact.unitEmail !== null && isPlainAddress(contact.unitEmail)) return toUnit(contact.unitEmail, null);
  const written = contact.unitEmail !== null || contact.managers.some((manager) => manager.email !== null);
  return toUnit(null, written ? 'bad_address' : 'no_address');
}

/** Stands for the address of a unit's chat room, which is a secret and stays where it is kept. */
export function chatAddress(unitId: number): string {
  return `chat:${unitId}`;
}

export function unitOfChat(address: string): number {
  return Number(address.slice('chat:'.length));
}
