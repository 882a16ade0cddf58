import Contracts
import Fakes
import Foundation
import TestSupport

extension FaultInjector {
    /// Begins a fault.
    /// - Returns: How to end it.
    func begin(_ kind: Fault.Kind, for duration: Duration) async throws -> FaultRepair {
        switch kind {
        case .killService(let service): return await replace(service) { await $0.kill(service) }
        case .stopService(let service): return await replace(service) { _ = try? await $0.stop(service) }
        case .freezeService(let service): return await freeze(service)
        case .crashService(let service):
            return await restart(service, with: ["HDM_CRASH_POINT": "any:20%"])
        case .shiftClock(let service, let seconds): return try await shiftClock(of: service, by: seconds)
        case .cutConnection(let number):
            connection(number)?.cut()
            return {}
        case .pauseConnection(let number):
            let connection = connection(number)
            connection?.setPaused(true)
            return { connection?.setPaused(false) }
        case .swallowConnection(let number):
            let connection = connection(number)
            connection?.swallow()
            return { connection?.cut() }
        case .refuseConnections:
            for proxy in ground.proxies { proxy.refuse() }
            return { [ground] in for proxy in ground.proxies { try proxy.admit() } }
        case .killBroker, .freezeBroker, .restartBroker, .alarm: return try await damageBroker(kind)
        case .delete(let part): return try await delete(part, for: duration)
        case .damageVolume(let volume, let damage):
            guard let volumes = ground.volumes else { throw ChaosVolumes.Forbidden(description: "no volumes") }
            try await volumes.begin(damage, volume)
            return { try await volumes.end(damage, volume) }
        case .lockDatabase(let database): return try lock(database)
        case .slskd(let trouble): return try await disturb(trouble, for: duration)
        }
    }

    private func connection(_ number: Int) -> ProxiedConnection? {
        let open = ground.connections
        return open.isEmpty ? nil : open[number % open.count]
    }

    /// Ends a service and keeps it from running until the end of the fault.
    private func replace(
        _ service: ServiceName, _ end: @Sendable (ServiceStack) async -> Void
    ) async -> FaultRepair {
        setDown(service, true)
        await end(ground.stack)
        return { try await self.bringBack(service) }
    }

    private func bringBack(_ service: ServiceName) async throws {
        setDown(service, false)
        try await ground.stack.start([service])
    }

    private func freeze(_ service: ServiceName) async -> FaultRepair {
        await ground.stack.freeze(service)
        return { [ground] in await ground.stack.thaw(service) }
    }

    /// Replaces a service by a process with other settings, and by one with the usual settings at the end.
    private func restart(_ service: ServiceName, with settings: [String: String]) async -> FaultRepair {
        await ground.stack.set(settings, of: service)
        await ground.stack.kill(service)
        try? await ground.stack.start([service])
        return { [ground] in
            await ground.stack.set([:], of: service)
            await ground.stack.kill(service)
            try await ground.stack.start([service])
        }
    }

    private func shiftClock(of service: ServiceName, by seconds: Int) async throws -> FaultRepair {
        let settings = try ShiftedClock.environment(seconds: seconds)
        return await restart(service, with: settings)
    }

    private func damageBroker(_ kind: Fault.Kind) async throws -> FaultRepair {
        let broker = ground.broker
        switch kind {
        case .killBroker(let number):
            try await broker.kill(number % broker.nodes)
            return { try await broker.start(number % broker.nodes) }
        case .freezeBroker(let number):
            try await broker.freeze(number % broker.nodes)
            return { try await broker.thaw(number % broker.nodes) }
        case .restartBroker(let number):
            try await broker.stop(number % broker.nodes)
            return { try await broker.start(number % broker.nodes) }
        case .alarm(let alarm):
            try await broker.setAlarm(alarm, true)
            return { try await broker.setAlarm(alarm, false) }
        default: return {}
        }
    }
}
