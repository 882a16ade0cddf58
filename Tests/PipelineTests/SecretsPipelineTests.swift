import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Secrets and the sign-in at Spotify, at the command line.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SecretsPipelineTests {
    @Test func `match uses a new key of slskd without a restart, and no log contains the key`() async throws {
        try await withTemporaryFolder { folder in
            let settings = FakeSettings(folder: folder.url)
            try await FakeSlskd.running(settings, peers: []) { fake in
                let environment = ["HDM_SOURCES": "folder,slskd", "SLSKD_BASE_URL": fake.baseURL]
                try await TestBroker.shared().withVhost { vhost in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: environment) { stack in
                        try await stack.start([.gateway, .planner, .match])
                        try await stack.waitUntilReady([.gateway, .planner])
                        try await Self.waitForReason("hdm secrets set SLSKD_API_KEY", stack)
                        try await Self.set("SLSKD_API_KEY", "wrong-key-0123456789", stack)
                        try await Self.waitForReason("does not accept SLSKD_API_KEY", stack)
                        let output = try await Self.set("SLSKD_API_KEY", settings.apiKey, stack)
                        #expect(output.contains("store") && !output.contains(settings.apiKey))
                        try await stack.waitUntilReady([.match])
                        for service in [ServiceName.gateway, .planner, .match] {
                            let log = try stack.log(of: service)
                            #expect(!log.contains(settings.apiKey) && !log.contains("wrong-key"))
                        }
                    }
                }
            }
        }
    }

    @Test func `hdm spotify login accepts the address to which the browser was redirected`() async throws {
        try await FakeSpotifyAccounts.run { accounts in
            let environment = [
                "SPOTIFY_ACCOUNTS_URL": accounts.url, "SPOTIFY_CLIENT_ID": accounts.app.clientID,
                "SPOTIFY_REDIRECT_URI": "http://127.0.0.1:8080/callback",
            ]
            try await TestBroker.shared().withVhost { vhost in
                try await ServiceStack.run(brokerURL: vhost.url, settings: environment) { stack in
                    try await stack.start([.gateway, .planner])
                    try await stack.waitUntilReady([.gateway, .planner])
                    let printed = try await Login.run(at: stack.address(of: .gateway)) { address in
                        try accounts.visit(address)
                    }
                    #expect(printed.contains(#""status" : "connected""#))
                    // The sign-in is on the disk.
                    await stack.kill(.planner)
                    try await stack.start([.planner])
                    try await stack.waitUntilReady([.planner])
                    let status = try await stack.request(.get, "/spotify/status")
                    #expect(String(decoding: status.body, as: UTF8.self).contains(#""status":"connected""#))
                    let log = try stack.log(of: .gateway) + stack.log(of: .planner)
                    for secret in accounts.secrets { #expect(!log.contains(secret)) }
                }
            }
        }
    }

    @discardableResult
    private static func set(_ name: String, _ value: String, _ stack: ServiceStack) async throws -> String {
        try await ChildProcess.run(
            HdmProgram.url.path, ["secrets", "set", name, "--url", stack.address(of: .gateway)],
            input: Data("\(value)\n".utf8)
        ).text
    }

    private static func waitForReason(_ text: String, _ stack: ServiceStack) async throws {
        try await eventually("match is not ready: \(text)", timeout: .seconds(90)) {
            guard let status = try await stack.status(of: "/ready", at: .match), status == 503 else { return false }
            let report = try await stack.request(.get, "/ready", at: .match)
            return String(decoding: report.body, as: UTF8.self).contains(text)
        }
    }
}

/// A run of `hdm spotify login`.
enum Login {
    /// - Parameter visit: Opens the printed address and returns the address of the redirect, which the command reads.
    /// - Returns: The output of the command.
    static func run(at url: String, _ visit: @escaping @Sendable (String) throws -> String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(url, visit) }) }
        }
    }

    private static func runBlocking(_ url: String, _ visit: (String) throws -> String) throws -> String {
        let process = Process()
        let (keyboard, screen, output) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=5", "60", try HdmProgram.url.path, "spotify", "login", "--url", url]
        process.standardInput = keyboard
        process.standardError = screen
        process.standardOutput = output
        try process.run()
        var text = ""
        var address: Substring?
        while address == nil {
            let piece = screen.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw NotInTime(description: "no address was printed:\n\(text)") }
            text += String(decoding: piece, as: UTF8.self)
            address = text.firstMatch(of: /(http\S+\/authorize\?\S+)\n/)?.1
        }
        try keyboard.fileHandleForWriting.write(contentsOf: Data((try visit(String(address ?? "")) + "\n").utf8))
        let printed = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: printed, as: UTF8.self)
    }
}
