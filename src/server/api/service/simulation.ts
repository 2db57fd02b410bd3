import { endSimulation, showSimulation, startSimulation } from '../../../app/simulation/simulation.ts';
import type { simulationRoutes } from '../../../contract/service/simulation.ts';
import { type Handlers, via } from '../../register.ts';

export const simulationHandlers: Handlers<typeof simulationRoutes> = {
  'GET /v1/simulation': via(
    showSimulation,
    () => ({}),
    (view) => view,
  ),
  'POST /v1/simulation': via(
    startSimulation,
    () => ({}),
    (view) => view,
  ),
  'DELETE /v1/simulation': via(
    endSimulation,
    () => ({}),
    (result) => result,
  ),
};
