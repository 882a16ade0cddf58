import Contracts
import Files
import Foundation
import Logging
public import ServiceLifecycle

/// Removes the temporary files that killed processes left, at the start and once a day. The gateway runs it for all
/// services.
public struct DraftCleanup: Service {
    /// Far longer than any process needs a temporary file.
    private static let age: Duration = .seconds(86_400)
    private static let interval: Duration = .seconds(86_400)
    /// A volume that hangs must not delay the shutdown.
    private static let limit: Duration = .seconds(600)

    private let roots: [String]
    private let logger: Logger

    public init(_ runtime: ServiceRuntime) {
        let settings = runtime.settings
        roots = [settings.downloadsDir, settings.musicDir, settings.stateDir].map { $0.path(percentEncoded: false) }
        logger = runtime.logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await sweep() } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }

    private func sweep() async {
        do {
            let failure = try await BlockingPool.removals.run(within: Self.limit) { [roots] in Self.sweep(roots) }
            if let failure { log(failure) }
        } catch is CancellationError {
            // The service stops. The next start sweeps again.
        } catch {
            log(error)
        }
    }

    private func log(_ error: any Error) {
        logger.warning(
            "temporary files could not be removed; they are tried again tomorrow",
            metadata: [LogKey.error: .string("\(error)")])
    }

    /// Sweeps all folders. Blocks.
    /// - Returns: the error of one that could not be swept. The others are swept nevertheless.
    static func sweep(_ roots: [String]) -> FileError? {
        var failure: FileError?
        do throws(FileError) {
            for folder in try folders(roots) {
                do throws(FileError) {
                    try DraftSweep.run(in: folder, olderThan: age)
                } catch {
                    failure = error
                }
            }
        } catch {
            failure = error
        }
        return failure
    }

    /// Returns the roots, and the folders of markers. Blocks.
    private static func folders(_ roots: [String]) throws(FileError) -> [String] {
        guard let downloads = roots.first else { return [] }
        let harmony = DiskFolder(downloads).path + "/.harmony"
        return roots + [harmony]
            + (try DiskFolder(harmony).names().map { "\(harmony)/\($0)" })
            .filter { (try? FileStatus.read($0))?.kind == .folder }
    }
}
