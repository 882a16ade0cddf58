import Testing

@testable import AudioSources

@Suite("Texts of failed transfers")
struct TransferFailureTests {
    @Test(
        "Texts are recognised with and without the part before the colon",
        arguments: [
            ("User harbour appears to be offline", TransferFailure.peerOffline),
            ("Failed to establish a direct or indirect message connection to x (1.2.3.4:5)", .peerUnreachable),
            ("The server connection must be connected and logged in to do this", .notLoggedIn),
            ("Transfer rejected: File not shared.", .notShared), ("File not shared.", .notShared),
            ("Transfer rejected: Too many files", .quota), ("Too many megabytes", .quota),
            ("Overwhelmed with requests; try again later", .quota), ("Too many failed transfers this week", .quota),
            ("Transfer rejected: Banned", .banned), ("Transfer rejected: Because", .refused),
            ("Transfer aborted: the remote size of 1 does not match expected size 2", .sizeChanged),
            ("The wait timed out after 15000 milliseconds", .noAnswer),
            ("Inactivity timeout of 60000 milliseconds was reached", .stalled),
            ("Transfer failed: Remote connection closed", .peerGaveUp),
            ("Download reported as failed by remote client", .peerGaveUp), ("Application shut down", .restarted),
            ("Operation cancelled", .cancelled), ("The operation was canceled.", .cancelled),
            ("No space left on device : '/downloads/x'", .diskFull),
            ("Failed to move file: Access to the path is denied", .disk), ("Something new", .unknown), ("", .unknown),
        ])
    func classifies(text: String, failure: TransferFailure) { #expect(TransferFailure(text) == failure) }

    @Test("Without a known text the state decides")
    func fallsBack() {
        #expect(TransferFailure(.rejected, "Pas de chance") == .refused)
        #expect(TransferFailure(.timedOut, nil) == .noAnswer)
        #expect(TransferFailure(.aborted, nil) == .sizeChanged)
        #expect(TransferFailure(.cancelled, "Operation cancelled") == .cancelled)
        #expect(TransferFailure(.succeeded, nil) == .unknown)
        #expect(TransferFailure(.errored, "Application shut down") == .restarted)
    }
}
