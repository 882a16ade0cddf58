public import Contracts
public import Foundation
import HTTPClient

/// The services of HDM as processes, with one virtual host of a broker and folders of their own.
public actor ServiceStack {
    public nonisolated let folder: TemporaryFolder
    /// The folder of the folder source.
    public nonisolated let source: URL
    public nonisolated let downloads: URL
    public nonisolated let music: URL
    private let brokerURL: String
    nonisolated let ports: [ServiceName: Int]
    private let overrides: [String: String]
    /// Additional environment variables of single services.
    private var ownSettings: [ServiceName: [String: String]] = [:]
    let client = HTTPClient(userAgent: "hdm-tests")
    private var processes: [ServiceName: ServiceProcess] = [:]
    /// Additional processes of running services.
    private var others: [ServiceProcess] = []

    /// Runs a test with a stack. Afterwards, also after an error, kills its processes and removes its folder.
    ///
    /// - Parameters:
    ///   - settings: Additional environment variables of the services. `{folder}` in a value becomes the stack's folder.
    ///   - volume: The parent of the downloads and music folders, relative to the stack's folder, for a test that mounts
    ///     a volume there.
    public static func run<Result: Sendable>(
        brokerURL: String, settings: [String: String] = [:], volume: String? = nil,
        _ test: @Sendable (ServiceStack) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let stack = try ServiceStack(folder: folder, brokerURL: brokerURL, settings: settings, volume: volume)
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

    private init(
        folder: TemporaryFolder, brokerURL: String, settings: [String: String], volume: String?
    ) throws {
        self.folder = folder
        self.brokerURL = brokerURL
        overrides = settings.mapValues { $0.replacing("{folder}", with: folder.path) }
        source = try folder.folder("source")
        let parent = volume.map { $0 + "/" } ?? ""
        downloads = try folder.folder(parent + "downloads")
        music = try folder.folder(parent + "music")
        try folder.folder("logs")
        ports = Dictionary(
            uniqueKeysWithValues: zip(ServiceName.allCases, try FreePorts.reserve(ServiceName.allCases.count)))
    }

    /// Sets additional environment variables of one service, from its next start on. They replace earlier ones.
    public func set(_ settings: [String: String], of service: ServiceName) { ownSettings[service] = settings }

    /// Starts services that are not running. One that ended by itself, such as at a crash point, starts again.
    public func start(_ services: [ServiceName] = ServiceName.allCases) throws {
        for service in services where processes[service]?.isRunning != true {
            processes[service] = try ServiceProcess(
                service, environment: environment(of: service), logFile: folder.file("logs/\(service.rawValue).log"))
        }
    }

    /// Starts an additional process of a service, with its own port and its own log `<service>-<number>.log`.
    public func startAnother(_ service: ServiceName) throws {
        var environment = environment(of: service)
        for port in try FreePorts.reserve(1) { environment["HDM_HTTP_PORT"] = "\(port)" }
        let log = folder.file("logs/\(service.rawValue)-\(others.count + 2).log")
        others.append(try ServiceProcess(service, environment: environment, logFile: log))
    }

    /// Waits until `/ready` of services responds with 200.
    public func waitUntilReady(_ services: [ServiceName] = ServiceName.allCases) async throws {
        for service in services {
            try await eventually("\(service) is ready", timeout: .seconds(60)) {
                try await status(of: "/ready", at: service) == 200
            }
        }
    }

    /// Kills a service with SIGKILL.
    public func kill(_ service: ServiceName) {
        processes.removeValue(forKey: service)?.kill()
    }

    /// Kills all services with SIGKILL.
    public func killAll() {
        for process in processes.values + others { process.kill() }
        processes = [:]
        others = []
    }

    /// Stops a service with SIGSTOP: its connections stay open, and nothing answers.
    public func freeze(_ service: ServiceName) { processes[service]?.signal(SIGSTOP) }

    /// Continues a service after ``freeze(_:)``.
    public func thaw(_ service: ServiceName) { processes[service]?.signal(SIGCONT) }

    /// Whether the process of a service exists.
    public func isRunning(_ service: ServiceName) -> Bool { processes[service]?.isRunning == true }

    /// Stops a service with SIGTERM and waits for its end.
    /// - Returns: The exit status; `nil` if it was killed after a timeout.
    public func stop(_ service: ServiceName) async throws -> Int32? {
        try await processes.removeValue(forKey: service)?.stop()
    }

    /// The resource usage of a service; `nil` if it does not run.
    public func usage(of service: ServiceName) -> ProcessUsage? { processes[service]?.usage }

    /// Returns the log lines of an event from all services, ordered by time.
    public nonisolated func logLines(of event: LogEventName) throws -> [JSONValue] {
        let logs = try FileManager.default.contentsOfDirectory(at: folder.file("logs"), includingPropertiesForKeys: nil)
        let lines = try logs.flatMap { try String(contentsOf: $0, encoding: .utf8).split(separator: "\n") }
        return lines.filter { $0.contains("\"\(event.rawValue)\"") }
            .compactMap { try? ContractCoding.decode(JSONValue.self, from: Data($0.utf8)) }
            .sorted { ($0["ts"]?.stringValue ?? "") < ($1["ts"]?.stringValue ?? "") }
    }

    /// Returns the log of a service.
    public nonisolated func log(of service: ServiceName) throws -> String {
        try String(contentsOf: folder.file("logs/\(service.rawValue).log"), encoding: .utf8)
    }

    private func end() async {
        killAll()
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
            "HDM_MOVE_URL": "http://127.0.0.1:\(ports[.move] ?? 0)",
            "HDM_PLANNER_URL": "http://127.0.0.1:\(ports[.planner] ?? 0)",
            "HDM_GATEWAY_URL": "http://127.0.0.1:\(ports[.gateway] ?? 0)", "HDM_AMQP_HEARTBEAT_S": "5",
            "RETRY_BASE_SECONDS": "1", "HARMONY_LOG_LEVEL": "debug", "TMPDIR": folder.path,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        ]
        environment.merge(overrides) { _, new in new }
        environment.merge(ownSettings[service] ?? [:]) { _, new in new }
        return environment
    }

    private nonisolated func lastLogLines() -> String {
        ServiceName.allCases.map { service in
            let lines = ((try? log(of: service)) ?? "no log").split(separator: "\n").suffix(12)
            return "--- \(service.rawValue)\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

/// The failure of a test, with the last log lines of the services.
struct StackFailure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error, logs: String) { description = "\(error)\n\(logs)" }
}
