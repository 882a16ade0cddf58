import Dispatch
public import Fakes
public import Foundation

extension AudioFixture {
    /// Runs a test with a temporary folder, on threads that may block. Reading and writing of audio would block all
    /// other tests on the cooperative pool.
    public static func withFolder<Result: Sendable>(
        _ body: (URL) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hdm-audio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            let result = try await withTaskExecutorPreference(BlockingExecutor.shared) { try await body(folder) }
            try FileManager.default.removeItem(at: folder)
            return result
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
    }
}

/// Runs tasks on a concurrent dispatch queue, which starts more threads while some of them block.
private final class BlockingExecutor: TaskExecutor {
    static let shared = BlockingExecutor()

    private let queue = DispatchQueue(label: "audio-tests", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
