import { Module, type DynamicModule } from '@nestjs/common';
import { ApiModule } from './api/api.module.js';
import { RoomsModule, type AppOptions } from './rooms.module.js';
import { WebModule } from './web/web.module.js';

/** The whole house: every room and the doors that speak HTTP. */
@Module({})
export class AppModule {
  static forRoot(options: AppOptions): DynamicModule {
    return { module: AppModule, imports: [RoomsModule.forRoot(options), ApiModule, WebModule] };
  }
}
