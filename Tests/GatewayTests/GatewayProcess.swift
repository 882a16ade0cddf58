import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport

@testable import Gateway
@testable import JobLedger

/// A complete gateway on a virtual host of its own. It shuts down gracefully at the end of the test.
struct GatewayProcess: Sendable {
    let runtime: ServiceRuntime
    let folder: TemporaryFolder
    /// A second connection to its database.
    let store: JobStore

    static func run(
        on vhost: TestVhost, in folder: TemporaryFolder, environment: [String: String] = [:],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ test: (GatewayProcess) async throws -> Void
    ) async throws {
        var variables = [
            "HDM_AMQP_URL": vhost.url, "DOWNLOADS_DIR": folder.path, "APP_PORT": "0", "HDM_HTTP_HOST": "127.0.0.1",
        ]
        variables.merge(environment) { $1 }
        let runtime = try ServiceRuntime(.gateway, Settings(environment: variables), logger: logger)
        try await runtime.consuming.declare(Topology(runtime.settings.queueType).declarations)
        let services: [any Service] =
            [poll(runtime)] + (try await Gateway.build(runtime))
        let group = ServiceGroup(services: services, logger: logger)
        let process = GatewayProcess(
            runtime: runtime, folder: folder,
            store: try JobStore.open(
                .file(variables["IDEMPOTENCY_SQLITE_PATH"] ?? folder.path(".harmony/idempotency.db"))))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let result = await Result { try await test(process) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
        await runtime.consuming.close()
        await runtime.publishing.close()
        try process.store.close()
    }

    private static func poll(_ runtime: ServiceRuntime) -> ReadinessPoll {
        ReadinessPoll(
            runtime.readiness, every: .milliseconds(100), watching: [runtime.publishing, runtime.consuming])
    }

    /// Waits until a job is shown in a state.
    func eventually(_ job: JobID, is state: JobState) async throws {
        try await TestSupport.eventually("the job is \(state)") {
            try await store.job(job)?.summary.state == state
        }
    }
}
