public import Contracts
public import Foundation
import HTTPClient

/// The services of HDM as real processes on one virtual host of a real broker, with folders of their own.
public actor ServiceStack {
    public nonisolated let folder: TemporaryFolder
    /// Where the folder source looks.
    public nonisolated let source: URL
    public nonisolated let downloads: URL
    public nonisolated let music: URL
    private let brokerURL: String
    private let ports: [ServiceName: Int]
    private let overrides: [String: String]
    private let client = HTTPClient(userAgent: "hdm-tests")
    private var processes: [ServiceName: ServiceProcess] = [:]
    /// Further processes of services that run already.
    private var others: [ServiceProcess] = []

    /// Runs a test with a stack, whose processes are ended and whose folder is removed afterwards in any case.
    ///
    /// - Parameter settings: environment variables beside those that the stack needs.
    public static func run<Result: Sendable>(
        brokerURL: String, settings: [String: String] = [:], _ test: @Sendable (ServiceStack) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let stack = try ServiceStack(folder: folder, brokerURL: brokerURL, settings: settings)
            do {
                let result = try await test(stack)
                await stack.end()
                return result
            } catch {
                await stack.end()
                throw StackFailure(error, logs: stack.lastLogLines())
            }
        }
    }

    private init(folder: TemporaryFolder, brokerURL: String, settings: [String: String]) throws {
        self.folder = folder
        self.brokerURL = brokerURL
        overrides = settings
        source = try folder.folder("source")
        downloads = try folder.folder("downloads")
        music = try folder.folder("music")
        try folder.folder("logs")
        ports = Dictionary(
            uniqueKeysWithValues: zip(ServiceName.allCases, try FreePorts.take(ServiceName.allCases.count)))
    }

    /// Starts services that are not running.
    public func start(_ services: [ServiceName] = ServiceName.allCases) throws {
        for service in services where processes[service] == nil {
            processes[service] = try ServiceProcess(
                service, environment: environment(of: service), logFile: folder.file("logs/\(service.rawValue).log"))
        }
    }

    /// Starts one more process of a service, with a port and a log of its own: `<service>-<number>.log`.
    public func startAnother(_ service: ServiceName) throws {
        var environment = environment(of: service)
        for port in try FreePorts.take(1) { environment["HDM_HTTP_PORT"] = "\(port)" }
        let log = folder.file("logs/\(service.rawValue)-\(others.count + 2).log")
        others.append(try ServiceProcess(service, environment: environment, logFile: log))
    }

    /// Waits until services are ready, as they say themselves.
    public func waitUntilReady(_ services: [ServiceName] = ServiceName.allCases) async throws {
        for service in services {
            try await eventually("\(service) is ready", timeout: .seconds(60)) {
                try await status(of: "/ready", at: service) == 200
            }
        }
    }

    /// SIGKILL.
    public func kill(_ service: ServiceName) {
        processes.removeValue(forKey: service)?.kill()
    }

    /// SIGTERM; waits for the end.
    /// - Returns: the exit status; `nil` when the service had to be killed.
    public func stop(_ service: ServiceName) async throws -> Int32? {
        try await processes.removeValue(forKey: service)?.stop()
    }

    /// What a service uses; `nil` when it does not run.
    public func usage(of service: ServiceName) -> ProcessUsage? { processes[service]?.usage }

    /// The lines of all logs so far that tell an event, in the order of their time.
    public nonisolated func logLines(of event: LogEventName) throws -> [JSONValue] {
        let logs = try FileManager.default.contentsOfDirectory(at: folder.file("logs"), includingPropertiesForKeys: nil)
        let lines = try logs.flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
        return lines.filter { $0.contains("\"\(event.rawValue)\"") }
            .compactMap { try? ContractCoding.decode(JSONValue.self, from: Data($0.utf8)) }
            .sorted { ($0["ts"]?.stringValue ?? "") < ($1["ts"]?.stringValue ?? "") }
    }

    /// The text of a service's log so far.
    public nonisolated func log(of service: ServiceName) throws -> String {
        try String(contentsOf: folder.file("logs/\(service.rawValue).log"), encoding: .utf8)
    }

    private func end() async {
        for process in processes.values + others { process.kill() }
        processes = [:]
        others = []
        await client.close()
    }

    private func environment(of service: ServiceName) -> [String: String] {
        var environment = [
            "HDM_AMQP_URL": brokerURL, "DOWNLOADS_DIR": downloads.path, "MUSIC_DIR": music.path,
            "HDM_STATE_DIR": folder.path("state"), "HDM_FOLDER_SOURCE_DIRS": source.path,
            "HDM_HTTP_HOST": "127.0.0.1", "APP_PORT": "\(ports[.gateway] ?? 0)",
            "HDM_HTTP_PORT": "\(ports[service] ?? 0)",
            "HDM_RECOVERY_URL": "http://127.0.0.1:\(ports[.recovery] ?? 0)",
            "HDM_DOWNLOAD_URL": "http://127.0.0.1:\(ports[.download] ?? 0)",
            "HDM_MOVE_URL": "http://127.0.0.1:\(ports[.move] ?? 0)", "HDM_AMQP_HEARTBEAT_S": "5",
            "RETRY_BASE_SECONDS": "1", "HARMONY_LOG_LEVEL": "debug", "TMPDIR": folder.path,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        environment.merge(overrides) { _, new in new }
        return environment
    }

    private nonisolated func lastLogLines() -> String {
        ServiceName.allCases.map { service in
            let lines = ((try? log(of: service)) ?? "no log").split(separator: "\n").suffix(12)
            return "--- \(service.rawValue)\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

/// A test's failure with the ends of the services' logs.
struct StackFailure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error, logs: String) { description = "\(error)\n\(logs)" }
}

// MARK: - HTTP

extension ServiceStack {
    /// A service's address, without a path.
    public nonisolated func address(of service: ServiceName) -> String { "http://127.0.0.1:\(ports[service] ?? 0)" }

    /// Asks a service; `nil` for the answer when it does not answer at all.
    public func request(
        _ method: HTTPMethodName = .get, _ path: String, at service: ServiceName = .gateway, body: Data? = nil
    ) async throws -> (status: Int, body: Data) {
        let verb: HTTPMethod =
            switch method {
            case .get: .get
            case .post: .post
            case .delete: .delete
            }
        let request = HTTPRequest(
            verb, address(of: service) + path, headers: ["Content-Type": "application/json"],
            body: body)
        let answer = try await client.send(request)
        return (answer.status, answer.body)
    }

    /// The status of an answer; `nil` when the service does not answer.
    public func status(of path: String, at service: ServiceName = .gateway) async throws -> Int? {
        do {
            return try await request(.get, path, at: service).status
        } catch let error as HTTPClientError where error.isRetriable {
            return nil
        }
    }

    /// Submits tracks over HTTP.
    public func submit(_ submission: Submission) async throws -> SubmissionResponse {
        let answer = try await request(.post, "/api/v1/downloads", body: try ContractCoding.encode(submission))
        guard answer.status == 202 else {
            throw UnexpectedResponse(status: answer.status, text: String(decoding: answer.body, as: UTF8.self))
        }
        return try ContractCoding.decode(SubmissionResponse.self, from: answer.body)
    }

    /// A job as the gateway shows it.
    public func job(_ job: JobID) async throws -> JSONValue {
        try ContractCoding.decode(JSONValue.self, from: try await request(.get, "/api/v1/downloads/\(job)").body)
    }

    /// Waits until every job of an answer has come to an end.
    /// - Returns: their states, in the order of the items.
    public func waitForEnd(of answer: SubmissionResponse, timeout: Duration = .seconds(60)) async throws -> [String] {
        var states: [String] = []
        for item in answer.items {
            states.append(
                try await eventually("job \(item.jobID) has ended", timeout: timeout) {
                    let job = try await self.job(item.jobID)
                    let state = (job["data"] ?? job)["state"]?.stringValue.flatMap(JobState.init(rawValue:))
                    return state.flatMap { $0.isFinal ? $0.rawValue : nil }
                })
        }
        return states
    }
}

/// The methods that tests use.
public enum HTTPMethodName: Sendable { case get, post, delete }

/// An answer with another status than was asked for.
public struct UnexpectedResponse: Error, CustomStringConvertible {
    public let status: Int
    public let text: String

    public var description: String { "HTTP \(status): \(text)" }
}
