import Contracts
import Fakes
import Foundation
import GRDB
import TestSupport

extension FaultInjector {
    /// Deletes a part of the topology, as an operator does in the management UI.
    ///
    /// - Parameter duration: How long a queue that should be empty is waited for; then it stays.
    func delete(_ part: TopologyPart, for duration: Duration) async throws -> FaultRepair {
        let vhost = try await ground.broker.vhost
        // Another fault may just restart the broker.
        try await eventually("the management API responds") {
            do {
                try await delete(part, vhost, within: duration)
                return true
            } catch is URLError {
                return false
            } catch let failure as BrokerManagement.Failure where failure.status >= 500 {
                return false
            }
        }
        // The services repair the topology.
        return {}
    }

    private func delete(_ part: TopologyPart, _ vhost: TestVhost, within duration: Duration) async throws {
        switch part {
        case .queue(let queue):
            try await vhost.management.requestIfPresent("DELETE", ["queues", vhost.name, queue])
            ground.journal.record("deleted", queue)
        case .emptyQueue(let queue):
            try await deleteEmpty(queue, vhost, within: duration)
        case .exchange(let exchange):
            try await vhost.management.requestIfPresent("DELETE", ["exchanges", vhost.name, exchange])
        case .bindings(let queue): try await unbind(queue, vhost)
        }
    }

    private func deleteEmpty(_ queue: String, _ vhost: TestVhost, within duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        repeat {
            do {
                try await vhost.management.request(
                    "DELETE", ["queues", vhost.name, queue], query: "if-empty=true")
                return ground.journal.record("deleted", queue)
            } catch let failure as BrokerManagement.Failure where failure.status == 400 {
                try await Task.sleep(for: .milliseconds(50))
            } catch let failure as BrokerManagement.Failure where failure.status == 404 {
                return ground.journal.record("not-deleted", "\(queue) is missing already")
            }
        } while ContinuousClock.now < end
        ground.journal.record("not-deleted", "\(queue) always had messages")
    }

    private func unbind(_ queue: String, _ vhost: TestVhost) async throws {
        let bindings = try await vhost.management.request("GET", ["queues", vhost.name, queue, "bindings"])
        guard case .array(let rows) = bindings else { return }
        for row in rows {
            guard let exchange = row["source"]?.stringValue, !exchange.isEmpty,
                let key = row["properties_key"]?.stringValue
            else { continue }
            let path = ["bindings", vhost.name, "e", exchange, "q", queue, key]
            try await vhost.management.requestIfPresent("DELETE", path)
        }
    }

    /// Holds the write lock of a database until the end of the fault.
    func lock(_ database: StateDatabase) throws -> FaultRepair {
        let path = ground.stack.folder.path("state/" + database.rawValue)
        guard FileManager.default.fileExists(atPath: path) else { throw CocoaError(.fileNoSuchFile) }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        // A service may be writing just now.
        configuration.busyMode = .timeout(10)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return {
            try queue.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try queue.close()
        }
    }

    func disturb(_ trouble: SlskdTrouble, for duration: Duration) async throws -> FaultRepair {
        let slskd = ground.slskd
        switch trouble {
        case .restarts:
            await slskd.stop()
            return { try await slskd.restart() }
        case .losesNetwork:
            slskd.loseNetwork()
            return { slskd.reconnect() }
        case .fails: slskd.inject(.responds(status: 500))
        case .losesResponses: slskd.inject(.losesResponse)
        case .respondsLate: slskd.inject(.respondsLate(.seconds(3)))
        }
        return { slskd.clearFaults() }
    }
}
