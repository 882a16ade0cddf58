import Contracts
import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// `hdm all`: the seven services in one process.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct AllServicesTests {
    @Test func `With HDM_HTTP_PORT=0 each service gets a free port and the gateway finds the others`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let port = try FreePorts.reserve(1)[0]
                let process = try start(port, vhost, folder)
                let result: Result<Void, any Error>
                do {
                    let base = "http://127.0.0.1:\(port)"
                    try await eventually("the gateway is ready") { await status("\(base)/ready") == 200 }
                    // Answered by recovery, by download and by the planner.
                    for path in ["dlq/stats", "peers", "watchlist", "settings/secrets"] {
                        try await eventually("\(path) is answered") { await status("\(base)/api/v1/\(path)") == 200 }
                    }
                    #expect(await status("http://127.0.0.1:1/live") == nil)
                    result = .success(())
                } catch {
                    result = .failure(error)
                }
                process.terminate()
                try await eventually("the process has ended") { !process.isRunning }
                try result.get()
                #expect(process.terminationStatus == 0)
            }
        }
    }

    @Test func `A service that would listen beyond loopback without keys exits with 78 and says what to do`()
        async throws
    {
        for service in ServiceName.allCases {
            let command = try await ContractCommand.run(
                service.rawValue, settings: ["HDM_HTTP_HOST": "0.0.0.0", "HDM_AMQP_URL": "amqp://127.0.0.1:1/"])
            #expect(command.status == 78, "\(service): \(command.errors)")
            #expect(command.errors.contains("HARMONY_API_KEYS") && command.errors.contains("HDM_OPEN=true"))
        }
    }

    private func start(_ port: Int, _ vhost: TestVhost, _ folder: TemporaryFolder) throws -> Process {
        let process = Process()
        process.executableURL = try HdmProgram.url
        process.arguments = ["all"]
        process.environment = [
            "APP_PORT": "\(port)", "HDM_HTTP_PORT": "0", "HDM_AMQP_URL": vhost.url,
            "DOWNLOADS_DIR": try folder.folder("downloads").path, "MUSIC_DIR": try folder.folder("music").path,
            "HDM_STATE_DIR": try folder.folder("state").path,
            "HDM_FOLDER_SOURCE_DIRS": try folder.folder("source").path, "HARMONY_LOG_LEVEL": "error",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Returns the status of a response; `nil` while nothing listens.
    private func status(_ text: String) async -> Int? {
        guard let url = URL(string: text) else { return nil }
        let response = try? await URLSession.shared.data(from: url).1
        return (response as? HTTPURLResponse)?.statusCode
    }
}
