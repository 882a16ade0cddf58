import AudioFiles
import Contracts
import Testing

@Suite struct AudioFileExtensionTests {
    @Test func `searches offer the extensions of all formats that can be tagged, except videos`() {
        let tagged = AudioFormat.allFileExtensions.subtracting(["mp4"])
        #expect(Set(AudioFileExtension.allCases.map(\.rawValue)) == tagged)
    }
}
