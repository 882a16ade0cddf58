import Contracts
import Testing

@Suite struct AudioFileExtensionTests {
    @Test(arguments: [#"@@x\Music\01 - X.FLAC"#, "x/y.flac", "y.flac", #"a.mp3\b.Flac"#])
    func `the extension is read from the last component of a path`(_ path: String) {
        #expect(AudioFileExtension(path: path) == .flac)
    }

    @Test(arguments: ["", "flac", #"Music.mp3\readme"#, "x.mp4", "x.jpg", "x.mp3.", "x.mp3 "])
    func `other names are not audio`(_ path: String) {
        #expect(AudioFileExtension(path: path) == nil)
    }
}
