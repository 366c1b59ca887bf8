import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isMigrated } from './migrate.js';

/** Whether the database can be worked with. */
@Injectable()
export class ReadinessService {
  constructor(private readonly dataSource: DataSource) {}

  /** Throws what the driver throws when it does not answer. */
  async assertAnswers(): Promise<void> {
    await this.dataSource.query('SELECT 1');
  }

  /** True when the schema is this program's. */
  async isUpToDate(): Promise<boolean> {
    return isMigrated(this.dataSource);
  }
}
